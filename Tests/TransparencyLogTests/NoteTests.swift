import Foundation
import Testing
import TransparencyLog

@Suite("Signed notes and checkpoints")
struct NoteTests {
    /// The example in the documentation of Go's package golang.org/x/mod/sumdb/note.
    static let privateText = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
    static let publicText = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    static let quotation =
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    static let note =
        quotation
        + "\n\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"

    @Test("The published note is taken, and its key is the published one")
    func publishedNote() throws {
        let key = try NoteVerifier(Self.publicText)
        #expect(key.description == Self.publicText)
        #expect(try NoteSigner(Self.privateText).verifier == key)
        #expect(try NoteSigner(Self.privateText).privateText == Self.privateText)
        let note = try SignedNote(Self.note)
        #expect(note.text == Self.quotation)
        #expect(note.description == Self.note)
        #expect(try note.verified(by: [key]) == [key])
    }

    @Test("A note with any byte of text or signature changed is refused")
    func everyByteCounts() throws {
        let key = try NoteVerifier(Self.publicText)
        let bytes = Array(Self.note.utf8)
        for place in bytes.indices {
            var changed = bytes
            changed[place] ^= 1
            let found = try? SignedNote(String(decoding: changed, as: UTF8.self)).verified(by: [key])
            #expect(found?.isEmpty ?? true, "byte \(place)")
        }
    }

    @Test(
        "What is no note is refused",
        arguments: [
            "", "text\n", "text\n\n", "text\n\nno signature\n", "text\n\n\u{2014} a\n", "text\n\n\u{2014} a b c\n",
            "text\n\n\u{2014} a+b AAAAAAAA\n", "text\n\n\u{2014} a AAAA\n", "text\n\n\u{2014} a AAAAAAAA",
            "te\txt\n\n\u{2014} a AAAAAAAA\n",
        ])
    func noNote(_ text: String) {
        #expect(throws: NoteError.self) { try SignedNote(text) }
    }

    @Test("Keys that do not fit themselves are refused")
    func wrongKeys() {
        #expect(throws: NoteError.self) { try NoteVerifier(Self.publicText.replacing("c74f20a3", with: "c74f20a4")) }
        #expect(throws: NoteError.self) { try NoteVerifier("PeterNeumann") }
        #expect(throws: NoteError.self) { try NoteSigner(Self.publicText) }
        #expect(throws: NoteError.self) { try NoteSigner(name: "two words") }
    }

    @Test("Signatures by others are passed over; a new key takes over by signing together with the old")
    func rotation() throws {
        let (old, new) = (try NoteSigner(name: "log.example/audit"), try NoteSigner(name: "log.example/audit"))
        let text = Checkpoint(origin: "log.example/audit", size: 3, root: .empty).text
        let both = try SignedNote(signing: text, by: [old, new]).description
        for key in [old, new] {
            #expect(try Checkpoint(note: both, trusting: [key.verifier]).size == 3)
        }
        let alone = try SignedNote(signing: text, by: [new]).description
        #expect(throws: NoteError.self) { try Checkpoint(note: alone, trusting: [old.verifier]) }
        // A trusted key of another name is no key of this log.
        let stranger = try NoteSigner(name: "other.example")
        let foreign = try SignedNote(signing: text, by: [stranger]).description
        #expect(throws: NoteError.self) { try Checkpoint(note: foreign, trusting: [stranger.verifier]) }
    }

    @Test("A checkpoint reads as it was written; lines that a later form may add are passed over")
    func checkpointForm() throws {
        let text = "example.com/log\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
        let checkpoint = try Checkpoint(text: text)
        #expect(checkpoint.size == 20_852_163)
        #expect(checkpoint.text == text)
        #expect(try Checkpoint(text: text + "more\n") == checkpoint)
        for bad in [
            "", "a\n", "a\n1\n", "a\n01\n\(text.split(separator: "\n")[2])\n", "a\n-1\nAAAA\n", "a\n1\nAAAA\n",
            "\n1\n\(text.split(separator: "\n")[2])\n",
        ] {
            #expect(throws: NoteError.self) { try Checkpoint(text: bad) }
        }
    }

    @Test("OpenSSL takes our signatures, and none over another text")
    func openSSL() throws {
        let signer = try NoteSigner(name: "log.example/audit")
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("note-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // RFC 8410: SubjectPublicKeyInfo of Ed25519 is these 12 bytes and the key's 32.
        let parts = signer.verifier.description.split(separator: "+", maxSplits: 2)
        let spki = Data([0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00])
        try (spki + Data(base64Encoded: String(parts[2]))!.dropFirst()).write(to: folder.appendingPathComponent("key"))
        for size in UInt64(0)..<8 {
            let text = Checkpoint(origin: "log.example/audit", size: size, root: .leaf([UInt8(size)])).text
            let note = try SignedNote(signing: text, by: [signer])
            try Data(note.signatures[0].bytes).write(to: folder.appendingPathComponent("signature"))
            for (given, status) in [(text, Int32(0)), (text + "x", 1)] {
                try Data(given.utf8).write(to: folder.appendingPathComponent("text"))
                let process = Process()
                process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
                process.currentDirectoryURL = folder
                process.arguments =
                    ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key", "-rawin"]
                    + ["-in", "text", "-sigfile", "signature"]
                process.standardOutput = FileHandle.nullDevice
                process.standardError = FileHandle.nullDevice
                try process.run()
                process.waitUntilExit()
                #expect(process.terminationStatus == status)
            }
        }
    }
}

@Suite("Heads of logs")
struct HeadTests {
    @Test("Every part of a head is in its leaf")
    func everyPartCounts() {
        func leaf(
            cluster: String = "c", topic: String = "t", partition: Int32 = 1, size: UInt64 = 2, root: TreeHash = .empty
        ) -> TreeHash {
            LogHead(cluster: cluster, topic: topic, partition: partition, size: size, root: root).leaf
        }
        let all = [
            leaf(), leaf(cluster: "d"), leaf(topic: "u"), leaf(partition: 2), leaf(size: 3), leaf(root: .leaf([])),
            leaf(cluster: "ct", topic: ""), leaf(cluster: "", topic: "ct"),
        ]
        #expect(Set(all).count == all.count)
    }

    /// Worked out with Python's hashlib and struct from the written format.
    @Test("A head worked out by hand")
    func workedHead() {
        let head = LogHead(cluster: "c", topic: "t", partition: 1, size: 2, root: .empty)
        #expect(head.leaf.hex == "e4b90e95855b694f56242647111736892791992c59bfe2fda660f1f00dfa2303")
    }
}
