import CLibcurl
import Dispatch
import Foundation
import Synchronization

/// What an issuer answers, by libcurl.
enum Fetch {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static let timeoutSeconds = 10
    private static let maximumBytes = 1 << 20
    /// Who is not signed in can make the board fetch: so many wait, and no more.
    private static let waitingMaximum = 16
    private static let queue = DispatchQueue(label: "board-fetch")
    private static let waiting = Mutex(0)
    private static let isReady = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

    /// What a URL answers, as JSON.
    static func value<Value: Decodable>(_ url: String, form: String? = nil) async throws -> Value {
        let data = try await bytes(url, form: form)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do { return try decoder.decode(Value.self, from: data) } catch {
            throw Failure(description: "the issuer's answer cannot be read")
        }
    }

    /// A GET, or where there is a form a POST; anything but 200 is a failure. Follows no redirect.
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

    private final class Received {
        var body: [UInt8] = []
    }

    private static func transfer(_ url: String, _ form: String?) throws -> Data {
        guard isReady, let handle = curl_easy_init() else { throw Failure(description: "libcurl gives no handle") }
        defer { curl_easy_cleanup(handle) }
        quorate_curl_set_string(handle, CURLOPT_URL, url)
        quorate_curl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http,https")
        quorate_curl_set_long(handle, CURLOPT_TIMEOUT, timeoutSeconds)
        quorate_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        // "libcurl copies the string", and sends it as application/x-www-form-urlencoded.
        if let form { quorate_curl_set_string(handle, CURLOPT_COPYPOSTFIELDS, form) }
        let received = Received()
        quorate_curl_set_writer(
            handle,
            { bytes, size, count, context in
                let received = Unmanaged<Received>.fromOpaque(context!).takeUnretainedValue()
                // Any other number than was given ends the transfer.
                guard received.body.count + size * count <= Fetch.maximumBytes else { return 0 }
                received.body += UnsafeRawBufferPointer(start: bytes, count: size * count)
                return size * count
            }, Unmanaged.passUnretained(received).toOpaque())
        let code = curl_easy_perform(handle)
        guard code == CURLE_OK else { throw Failure(description: String(cString: curl_easy_strerror(code))) }
        var status = 0
        quorate_curl_response_code(handle, &status)
        guard status == 200 else { throw Failure(description: "the issuer answered \(status)") }
        return withExtendedLifetime(received) { Data(received.body) }
    }
}
