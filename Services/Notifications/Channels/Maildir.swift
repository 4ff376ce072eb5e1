import CSyncfs
import Correspondence
import Foundation

/// Messages as files in a Maildir: written to `tmp`, synced, then moved to `new`. The name comes from the message, so
/// that a second delivery finds the first. A disk syncs many files hardly slower than one: those delivered together are.
struct Maildir: Channel {
    let window = 500
    private let folder: String
    /// What mail readers have moved to `cur`, without the flags behind the name, and when the folder was read.
    private var read: (names: Set<String>, changed: timespec)?

    init(folder: String) throws {
        self.folder = folder
        for part in ["tmp", "new", "cur"] {
            try FileManager.default.createDirectory(
                atPath: "\(folder)/\(part)", withIntermediateDirectories: true)
            guard access("\(folder)/\(part)", W_OK) == 0 else { throw CocoaError(.fileWriteNoPermission) }
        }
    }

    func canLookUp(_ mail: Mail) -> Bool { true }

    mutating func deliver(_ mails: [Mail], until end: ContinuousClock.Instant) -> [Delivery] {
        var written: [String] = []
        let deliveries = mails.map { mail -> Delivery in
            guard ContinuousClock.now < end else { return .unreached }
            if case .delivered = lookUp(mail) { return .sent }
            let name = Maildir.name(mail)
            guard write(mail.bytes, to: "\(folder)/tmp/\(name)") else {
                return .deferred("the mail folder cannot be written")
            }
            written.append(name)
            return .sent
        }
        if move(written) { return deliveries }
        return deliveries.map { $0 == .sent ? .ambiguous("the mail folder cannot be synced") : $0 }
    }

    mutating func lookUp(_ mail: Mail) -> LookUp {
        let name = Maildir.name(mail)
        return access("\(folder)/new/\(name)", F_OK) == 0 || isRead(name) ? .delivered : .absent
    }

    /// From `tmp` to `new`, once the files last. A name that was moved lasts only once its folder is synced.
    private func move(_ names: [String]) -> Bool {
        (names.isEmpty || onFolder("tmp", syncfs))
            && names.allSatisfy { rename("\(folder)/tmp/\($0)", "\(folder)/new/\($0)") == 0 } && onFolder("new", fsync)
    }

    private func onFolder(_ part: String, _ sync: (Int32) -> Int32) -> Bool {
        let descriptor = open("\(folder)/\(part)", O_RDONLY | O_DIRECTORY)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return sync(descriptor) == 0
    }

    private func write(_ bytes: [UInt8], to path: String) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var at = 0
        while at < bytes.count {
            let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress! + at, bytes.count - at) }
            guard count > 0 else { return false }
            at += count
        }
        return true
    }

    /// Nothing of it changes when the message is written again, as after a restore from backup.
    private static func name(_ mail: Mail) -> String {
        "\(mail.occasion.microseconds / 1_000_000).\(mail.id).quorate"
    }

    /// A mail reader moves a message to `cur` and adds flags to its name.
    private mutating func isRead(_ name: String) -> Bool {
        var status = stat()
        guard stat("\(folder)/cur", &status) == 0 else { return false }
        let changed = status.st_mtim
        if read?.changed.tv_sec != changed.tv_sec || read?.changed.tv_nsec != changed.tv_nsec {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/cur")) ?? []
            read = (Set(names.map { String($0.prefix { $0 != ":" }) }), changed)
        }
        return read!.names.contains(name)
    }
}
