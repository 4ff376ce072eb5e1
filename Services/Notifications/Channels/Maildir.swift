import Correspondence
import Foundation

/// Messages as files in a Maildir: written to `tmp`, synced, then moved to `new`. The name comes from the message, so
/// that a second delivery finds the first.
struct Maildir: Channel {
    let folder: URL
    let isIdempotent = true

    init(folder: String) throws {
        self.folder = URL(fileURLWithPath: folder, isDirectory: true)
        for part in ["tmp", "new", "cur"] {
            try FileManager.default.createDirectory(
                at: self.folder.appendingPathComponent(part), withIntermediateDirectories: true)
        }
    }

    func deliver(_ mail: Mail) -> Delivery {
        if hasDelivered(mail) { return .sent }
        let name = Maildir.name(mail)
        let target = folder.appendingPathComponent("new/\(name)")
        let draft = folder.appendingPathComponent("tmp/\(name)")
        do {
            guard FileManager.default.createFile(atPath: draft.path, contents: nil) else {
                return .deferred("the mail folder cannot be written")
            }
            let file = try FileHandle(forWritingTo: draft)
            try file.write(contentsOf: Data(mail.text.utf8))
            try file.synchronize()
            try file.close()
            guard rename(draft.path, target.path) == 0 else { return .deferred("the mail folder cannot be written") }
            return .sent
        } catch {
            return .deferred("the mail folder cannot be written")
        }
    }

    private static func name(_ mail: Mail) -> String {
        "\(mail.dated.microseconds / 1_000_000).\(mail.id).quorate"
    }

    func hasDelivered(_ mail: Mail) -> Bool {
        let name = Maildir.name(mail)
        let target = folder.appendingPathComponent("new/\(name)")
        return FileManager.default.fileExists(atPath: target.path) || isRead(name)
    }

    /// A mail reader moves a message to `cur` and adds flags to its name.
    private func isRead(_ name: String) -> Bool {
        let current = try? FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent("cur").path)
        return current?.contains { $0.hasPrefix(name) } ?? false
    }
}
