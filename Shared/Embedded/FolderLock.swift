import Foundation

/// Says that a living process owns the folder. The kernel drops it with the process, so it is never stale.
///
/// An open-file-description lock: other than `flock` it can be asked about without being taken, and other than a plain
/// `fcntl` lock it also holds against another start in the same process.
public final class FolderLock {
    private static let setLock: Int32 = 37  // F_OFD_SETLK, which Swift does not import
    private static let getLock: Int32 = 36  // F_OFD_GETLK
    private let descriptor: Int32

    /// - Parameter refusal: What to say where another holds it.
    /// - Throws: `EmbeddedError`.
    public init(folder: String, else refusal: String) throws {
        descriptor = try FolderLock.open(folder, O_RDWR | O_CREAT | O_CLOEXEC)
        var request = FolderLock.request()
        guard fcntl(descriptor, FolderLock.setLock, &request) == 0 else {
            close(descriptor)
            throw EmbeddedError(refusal)
        }
    }

    deinit { close(descriptor) }

    public static func isHeld(folder: String) -> Bool {
        guard let descriptor = try? open(folder, O_RDWR | O_CLOEXEC) else { return false }
        defer { close(descriptor) }
        var request = request()
        return fcntl(descriptor, getLock, &request) == 0 && request.l_type != Int16(F_UNLCK)
    }

    private static func open(_ folder: String, _ flags: Int32) throws -> Int32 {
        let descriptor = Glibc.open(folder + "/lock", flags, 0o600)
        guard descriptor >= 0 else {
            throw EmbeddedError("\(folder)/lock cannot be opened: \(String(cString: strerror(errno)))")
        }
        return descriptor
    }

    private static func request() -> Glibc.flock {
        var request = Glibc.flock()
        request.l_type = Int16(F_WRLCK)
        request.l_whence = Int16(SEEK_SET)
        return request
    }
}
