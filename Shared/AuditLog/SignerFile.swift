import Foundation
import TransparencyLog

/// Private keys of checkpoints in a file, a line each. All of them sign, so that a new key takes over by standing beside the
/// old one for a while.
public enum SignerFile {
    /// A file that does not give a key, in words.
    public struct Unreadable: Error, CustomStringConvertible {
        public let description: String
    }

    /// The first key's name is the log's; the others have the same.
    public static func read(_ path: String) throws -> [NoteSigner] {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw Unreadable(
                description: "\(path) cannot be read: make a key with quorate audit key \(path) --name NAME")
        }
        let lines = text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        do {
            let signers = try lines.map { try NoteSigner($0) }
            guard let first = signers.first, signers.allSatisfy({ $0.verifier.name == first.verifier.name }) else {
                throw Unreadable(description: "\(path) holds no key, or keys of several names")
            }
            return signers
        } catch let error as NoteError {
            throw Unreadable(description: "\(path): \(error)")
        }
    }

    /// A new file, readable by its owner only, with a new key. Refuses to write over another.
    @discardableResult
    public static func make(_ path: String, name: String) throws -> NoteVerifier {
        let signer = try NoteSigner(name: name)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        guard descriptor >= 0 else {
            throw Unreadable(description: "\(path) cannot be made: \(String(cString: strerror(errno)))")
        }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try file.write(contentsOf: Data((signer.privateText + "\n").utf8))
        try file.synchronize()
        return signer.verifier
    }
}
