import CLibcurl
import Foundation

/// Requests by libcurl, one at a time. Follows no redirect.
public final class HTTPClient {
    public struct Answer {
        public let status: Int
        public let body: [UInt8]
        /// The server's clock.
        public let date: Date?
    }

    /// The request may have arrived where `mayHaveArrived`.
    public struct Failure: Error {
        public let why: String
        public let mayHaveArrived: Bool
    }

    /// What a POST carries.
    public enum Body {
        case json(String)
        /// As a browser's form, `application/x-www-form-urlencoded`.
        case form(String)
    }

    private static let connectTimeoutSeconds = 10
    /// Of an answer.
    private static let maximumBytes = 1 << 20
    private let handle: UnsafeMutableRawPointer

    /// "curl_global_init … must be called at least once within a program": before the first handle.
    private static let prepare: Void = { curl_global_init(Int(CURL_GLOBAL_DEFAULT)) }()

    /// - Parameter timeoutSeconds: Of a whole request.
    public init(timeoutSeconds: Int) {
        HTTPClient.prepare
        guard let made = curl_easy_init() else { fatalError("libcurl gives no handle: out of memory") }
        handle = made
        quorate_curl_set_long(handle, CURLOPT_TIMEOUT, timeoutSeconds)
        quorate_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT, HTTPClient.connectTimeoutSeconds)
        quorate_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        quorate_curl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http,https")
    }

    deinit { curl_easy_cleanup(handle) }

    /// What comes back, for libcurl's callbacks.
    private final class Received {
        var body: [UInt8] = []
        var date: Date?
    }

    /// A GET, or where there is a body a POST. An answer of more than a mebibyte is a failure.
    public func send(_ url: String, bearer: String? = nil, _ body: Body? = nil) throws(Failure) -> Answer {
        var headers: UnsafeMutablePointer<curl_slist>?
        if let bearer { headers = curl_slist_append(headers, "Authorization: Bearer \(bearer)") }
        if case .json = body { headers = curl_slist_append(headers, "Content-Type: application/json") }
        // Without it libcurl waits a second for a server that says nothing to "Expect: 100-continue".
        headers = curl_slist_append(headers, "Expect:")
        // "curl_slist_free_all … must be called when the data has been used": after the transfer.
        defer {
            quorate_curl_set_list(handle, CURLOPT_HTTPHEADER, nil)
            curl_slist_free_all(headers)
        }
        quorate_curl_set_string(handle, CURLOPT_URL, url)
        quorate_curl_set_list(handle, CURLOPT_HTTPHEADER, headers)
        // A kept connection that ends without an answer makes libcurl send again of itself: harmless for a question, and a
        // second message for what is to be sent.
        quorate_curl_set_long(handle, CURLOPT_FRESH_CONNECT, body == nil ? 0 : 1)
        switch body {
        // "libcurl copies the string".
        case .json(let text), .form(let text): quorate_curl_set_string(handle, CURLOPT_COPYPOSTFIELDS, text)
        case nil: quorate_curl_set_long(handle, CURLOPT_HTTPGET, 1)
        }
        let received = Received()
        let context = Unmanaged.passUnretained(received).toOpaque()
        quorate_curl_set_writer(
            handle,
            { bytes, size, count, context in
                let received = Unmanaged<Received>.fromOpaque(context!).takeUnretainedValue()
                // Any other number than was given ends the transfer.
                guard received.body.count + size * count <= HTTPClient.maximumBytes else { return 0 }
                received.body += UnsafeRawBufferPointer(start: bytes, count: size * count)
                return size * count
            }, context)
        quorate_curl_set_header_reader(
            handle,
            { bytes, size, count, context in
                let line = String(decoding: UnsafeRawBufferPointer(start: bytes, count: size * count), as: UTF8.self)
                if line.lowercased().hasPrefix("date:") {
                    let seconds = curl_getdate(line.dropFirst(5).trimmingCharacters(in: .whitespacesAndNewlines), nil)
                    if seconds >= 0 {
                        Unmanaged<Received>.fromOpaque(context!).takeUnretainedValue().date =
                            Date(timeIntervalSince1970: Double(seconds))
                    }
                }
                return size * count
            }, context)
        let code = curl_easy_perform(handle)
        guard code == CURLE_OK else {
            let neverLeft = [
                CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT, CURLE_SSL_CONNECT_ERROR,
                CURLE_PEER_FAILED_VERIFICATION,
            ].contains(code)
            throw Failure(why: String(cString: curl_easy_strerror(code)), mayHaveArrived: !neverLeft)
        }
        var status = 0
        quorate_curl_response_code(handle, &status)
        return withExtendedLifetime(received) { Answer(status: status, body: received.body, date: received.date) }
    }
}
