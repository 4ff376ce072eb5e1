import Foundation
import Testing

@testable import Correspondence

/// The bytes of a mail, beside what Foundation makes of the same.
@Suite struct MailTests {
    private static func lines(_ bytes: [UInt8]) -> [String] {
        String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n")
    }

    @Test func partsOfEveryLength() {
        for length in 0...200 {
            let content = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ length) }
            var text = MIMEText(capacity: 0)
            text.part("edge", "application/octet-stream", content, file: "a.bin")
            let lines = Self.lines(text.bytes)
            #expect(
                lines.prefix(5) == [
                    "--edge", "Content-Type: application/octet-stream", "Content-Transfer-Encoding: base64",
                    "Content-Disposition: attachment; filename=\"a.bin\"", "",
                ])
            let wanted = Data(content).base64EncodedString(options: [
                .lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
            ])
            #expect(Array(lines.dropFirst(5)) == wanted.components(separatedBy: "\r\n") + ["", ""])
            // What is not in one piece is the same.
            var pieces = MIMEText(capacity: 0)
            pieces.part(
                "edge", "application/octet-stream", [content.prefix(7), content.dropFirst(7)].joined(),
                file: "a.bin")
            #expect(pieces.bytes == text.bytes)
        }
    }

    /// A heading is folded into words of RFC 2047, none of which cuts a character.
    @Test(arguments: ["Weekly list", "Weekly list – café", String(repeating: "naïve – 子 ", count: 20)])
    func headings(text: String) throws {
        let lines = MIMEText.header(text).components(separatedBy: "\r\n ")
        #expect(("Subject: " + lines[0]).utf8.count <= 76 || lines == [text])
        var read = ""
        for line in lines {
            guard line.hasPrefix("=?") else {
                read += line
                continue
            }
            #expect(line.utf8.count <= 75 && line.hasPrefix("=?UTF-8?B?") && line.hasSuffix("?="))
            let bytes = try #require(Data(base64Encoded: String(line.dropFirst(10).dropLast(2))))
            read += try #require(String(data: bytes, encoding: .utf8))
        }
        #expect(read == text)
    }
}
