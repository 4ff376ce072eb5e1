import Dispatch
import Foundation
import Synchronization
import WebClient

/// What an issuer answers, a request at a time.
enum Fetch {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static let timeoutSeconds = 10
    /// Who is not signed in can make the board fetch: so many wait, and no more.
    private static let waitingMaximum = 16
    private static let queue = DispatchQueue(label: "board-fetch")
    private static let waiting = Mutex(0)

    /// What a URL answers, as JSON.
    static func value<Value: Decodable>(_ url: String, form: String? = nil) async throws -> Value {
        let data = try await bytes(url, form: form)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do { return try decoder.decode(Value.self, from: data) } catch {
            throw Failure(description: "the issuer's answer cannot be read")
        }
    }

    /// A GET, or where there is a form a POST; anything but 200 is a failure.
    private static func bytes(_ url: String, form: String? = nil) async throws -> Data {
        let hasPlace = waiting.withLock { waiting in
            guard waiting < waitingMaximum else { return false }
            waiting += 1
            return true
        }
        guard hasPlace else { throw Board.Busy() }
        return try await withCheckedThrowingContinuation { continuation in
            queue.async {
                let answer = Result<Data, any Error> { try transfer(url, form) }
                waiting.withLock { $0 -= 1 }
                continuation.resume(with: answer)
            }
        }
    }

    private static func transfer(_ url: String, _ form: String?) throws -> Data {
        let answer: HTTPClient.Answer
        do {
            answer = try HTTPClient(timeoutSeconds: timeoutSeconds).send(url, form.map { .form($0) })
        } catch {
            throw Failure(description: error.why)
        }
        guard answer.status == 200 else { throw Failure(description: "the issuer answered \(answer.status)") }
        return Data(answer.body)
    }
}
