import ArgumentParser
import AuditLog
import CLibcurl
import Foundation
import TransparencyLog

extension CheckpointPlace {
    /// All of them. A mailbox alone would leave nothing to read after a restore, so that a fork could be signed.
    static func list(_ text: String) throws -> [CheckpointPlace] {
        let places = try text.split(separator: " ").map { part in
            guard let place = CheckpointPlace(String(part)) else {
                throw ValidationError(
                    "setting --places (QUORATE_AUDIT_PLACES) takes file:PATH, kafka:TOPIC and smtp://host:port/ADDRESS")
            }
            return place
        }
        guard places.isEmpty || places.contains(where: \.canBeRead) else {
            throw ValidationError(
                """
                setting --places (QUORATE_AUDIT_PLACES) needs file:PATH or kafka:TOPIC beside smtp: after a restore the \
                checkpoints are read back from there, and a mailbox cannot be read
                """)
        }
        return places
    }

    /// Keeps a checkpoint there, once; what went wrong, in words. Topics are written through the outbox.
    func take(_ checkpoint: PublishedCheckpoint, size: UInt64, origin: String) -> String? {
        switch self {
        case .topic: "a topic takes its checkpoints from the outbox"
        case .file(let path): Self.append(checkpoint, size: size, to: path)
        case .mail(let server, let address): CheckpointMail(checkpoint, size, origin, address).send(to: server)
        }
    }

    private static func append(_ checkpoint: PublishedCheckpoint, size: UInt64, to path: String) -> String? {
        do {
            let (last, end) = try PublishedCheckpoint.last(file: path)
            if let kept = try last?.signed, kept.size >= size {
                // A worker that ended before it could note this has written it already.
                guard kept.size == size, try kept != checkpoint.signed else { return nil }
                return "another checkpoint of size \(size) was kept there: run quorate audit verify"
            }
            let (held, before) = (try last?.signed.size ?? 0, size - UInt64(checkpoint.heads.count))
            guard held == before else {
                return "checkpoint \(size) follows \(before), and \(held) is the last there: run quorate audit verify"
            }
            let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o644)
            guard descriptor >= 0 else { return String(cString: strerror(errno)) }
            let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            // What a worker that was killed left of a line.
            try file.truncate(atOffset: end)
            try file.write(contentsOf: Data((checkpoint.line + "\n").utf8))
            try file.synchronize()
            return nil
        } catch {
            return "\(error)"
        }
    }
}

/// One checkpoint as a mail: the note, and the line that other places keep, as an attachment.
private struct CheckpointMail {
    let text: String
    let address: String
    private static let timeoutSeconds = 10
    private static let boundary = "quorate-checkpoint"
    private static let date: DateFormatter = {
        let form = DateFormatter()
        form.locale = Locale(identifier: "en_US_POSIX")
        form.timeZone = TimeZone(identifier: "UTC")
        form.dateFormat = "EEE, dd MMM yyyy HH:mm:ss Z"
        return form
    }()

    init(_ checkpoint: PublishedCheckpoint, _ size: UInt64, _ origin: String, _ address: String) {
        self.address = address
        let lines = Data((checkpoint.line + "\n").utf8).base64EncodedString(options: [
            .lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
        ])
        let note = Data(checkpoint.note.utf8).base64EncodedString(options: [
            .lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
        ])
        text = """
            From: \(address)
            To: \(address)
            Date: \(Self.date.string(from: Date()))
            Subject: Checkpoint \(size) of \(origin)
            Message-ID: <checkpoint-\(size)@\(origin.split(separator: "/").first ?? "quorate")>
            MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary="\(Self.boundary)"

            --\(Self.boundary)
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: base64

            \(note)
            --\(Self.boundary)
            Content-Type: application/json
            Content-Disposition: attachment; filename="checkpoint-\(size).json"
            Content-Transfer-Encoding: base64

            \(lines)
            --\(Self.boundary)--

            """.replacing("\r\n", with: "\n").replacing("\n", with: "\r\n")
    }

    /// What is still to be read of a message, for libcurl's read callback.
    private final class Upload {
        let bytes: [UInt8]
        var at = 0
        init(_ text: String) { bytes = Array(text.utf8) }
    }

    func send(to server: String) -> String? {
        guard let handle = curl_easy_init() else { return "libcurl gave no handle" }
        defer { curl_easy_cleanup(handle) }
        let recipients = curl_slist_append(nil, "<\(address)>")
        // "curl_slist_free_all … must be called when the data has been used": after the transfer.
        defer { curl_slist_free_all(recipients) }
        let upload = Upload(text)
        quorate_curl_set_string(handle, CURLOPT_URL, server)
        quorate_curl_set_string(handle, CURLOPT_MAIL_FROM, "<\(address)>")
        quorate_curl_set_list(handle, CURLOPT_MAIL_RCPT, recipients)
        quorate_curl_set_long(handle, CURLOPT_USE_SSL, Int(CURLUSESSL_TRY.rawValue))
        quorate_curl_set_long(handle, CURLOPT_UPLOAD, 1)
        quorate_curl_set_long(handle, CURLOPT_TIMEOUT, Self.timeoutSeconds)
        quorate_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        quorate_curl_set_reader(
            handle,
            { buffer, size, count, context in
                let upload = Unmanaged<Upload>.fromOpaque(context!).takeUnretainedValue()
                let length = min(size * count, upload.bytes.count - upload.at)
                upload.bytes.withUnsafeBytes { bytes in
                    UnsafeMutableRawPointer(buffer!).copyMemory(from: bytes.baseAddress! + upload.at, byteCount: length)
                }
                upload.at += length
                return length
            }, Unmanaged.passUnretained(upload).toOpaque())
        let code = withExtendedLifetime(upload) { curl_easy_perform(handle) }
        return code == CURLE_OK ? nil : String(cString: curl_easy_strerror(code))
    }
}
