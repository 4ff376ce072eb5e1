import CLibcurl
import Correspondence
import Glibc

/// One message after another by SMTP, over one connection: what libcurl is told of each, and what its end means.
///
/// Safe across threads since `deliver` is only called on a queue of its own.
final class SMTPSession: @unchecked Sendable {
    private enum Outcome {
        case over(Delivery)
        case brokenBefore(String)

        var delivery: Delivery {
            switch self {
            case .over(let delivery): delivery
            case .brokenBefore(let why): .deferred(why)
            }
        }
    }

    private static let connectTimeoutSeconds = 15
    private static let idleSeconds = 50

    private let handle: UnsafeMutableRawPointer
    private var bytes: [UInt8] = []
    private var bytesRead = 0
    /// The server was asked to take mail for this recipient, or the mail itself.
    private var isAboutMessage = false

    init(
        url: String, encryption: SMTP.Encryption, login: SMTP.Login?, authorities: String?, timeoutSeconds: Int
    ) {
        guard let made = curl_easy_init() else { fatalError("libcurl gives no handle: out of memory") }
        handle = made
        quorate_curl_set_string(handle, CURLOPT_URL, url)
        quorate_curl_set_long(
            handle, CURLOPT_USE_SSL, Int((encryption == .required ? CURLUSESSL_ALL : CURLUSESSL_NONE).rawValue))
        quorate_curl_set_long(handle, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let authorities { quorate_curl_set_string(handle, CURLOPT_CAINFO, authorities) }
        if let login {
            quorate_curl_set_string(handle, CURLOPT_USERNAME, login.user)
            quorate_curl_set_string(handle, CURLOPT_PASSWORD, login.password)
        }
        quorate_curl_set_long(handle, CURLOPT_UPLOAD, 1)
        quorate_curl_set_long(handle, CURLOPT_TIMEOUT, timeoutSeconds)
        quorate_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT, SMTPSession.connectTimeoutSeconds)
        // Servers end sessions that have been idle for long: a new one is made before that.
        quorate_curl_set_long(handle, CURLOPT_MAXAGE_CONN, SMTPSession.idleSeconds)
        quorate_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        // They are called while a transfer is under way, which does not outlive this.
        let me = Unmanaged.passUnretained(self).toOpaque()
        quorate_curl_set_reader(
            handle,
            { buffer, size, count, context in
                let room = UnsafeMutableRawBufferPointer(start: buffer, count: size * count)
                return Unmanaged<SMTPSession>.fromOpaque(context!).takeUnretainedValue().read(into: room)
            }, me)
        quorate_curl_set_tracer(
            handle,
            { _, kind, bytes, count, context in
                guard kind == CURLINFO_HEADER_OUT else { return 0 }
                let said = UnsafeRawBufferPointer(start: bytes, count: count)
                Unmanaged<SMTPSession>.fromOpaque(context!).takeUnretainedValue().note(said)
                return 0
            }, me)
    }

    // "This call closes all connections this handle has used": it is ours alone.
    deinit { curl_easy_cleanup(handle) }

    func deliver(_ mail: Mail) -> Delivery {
        let outcome = send(mail)
        // The server had ended the kept connection before it heard of the message: once more, on a new one.
        guard case .brokenBefore = outcome else { return outcome.delivery }
        return send(mail).delivery
    }

    private func send(_ mail: Mail) -> Outcome {
        (bytes, bytesRead, isAboutMessage) = (mail.bytes, 0, false)
        let recipients = curl_slist_append(nil, "<\(mail.to)>")
        // "curl_slist_free_all … must be called when the data has been used": after the transfer.
        defer {
            quorate_curl_set_list(handle, CURLOPT_MAIL_RCPT, nil)
            curl_slist_free_all(recipients)
        }
        quorate_curl_set_string(handle, CURLOPT_MAIL_FROM, "<\(mail.from)>")
        quorate_curl_set_list(handle, CURLOPT_MAIL_RCPT, recipients)
        let code = curl_easy_perform(handle)
        if code != CURLE_OK { hangUp() }
        return outcome(code)
    }

    /// libcurl keeps a connection whose server was silent at the end of a message: the next would wait in vain as long, or take
    /// the late answer for its own. Shut down, it is found dead.
    private func hangUp() {
        var socket = curl_socket_t(-1)
        if quorate_curl_active_socket(handle, &socket) == CURLE_OK, socket >= 0 { shutdown(socket, Int32(SHUT_RDWR)) }
    }

    private func read(into room: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(room.count, bytes.count - bytesRead)
        bytes.withUnsafeBytes {
            room.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[bytesRead..<bytesRead + count]))
        }
        bytesRead += count
        return count
    }

    private func note(_ said: UnsafeRawBufferPointer) {
        if said.starts(with: "RCPT".utf8) || said.starts(with: "DATA".utf8) { isAboutMessage = true }
    }

    /// What became of the message by the way its transfer ended.
    private func outcome(_ code: CURLcode) -> Outcome {
        if code == CURLE_OK { return .over(.sent) }
        var response = 0
        quorate_curl_response_code(handle, &response)
        let why = String(cString: curl_easy_strerror(code))
        switch code {
        case CURLE_LOGIN_DENIED: return .over(.deferred("the mail server refused the login"))
        case CURLE_USE_SSL_FAILED: return .over(.deferred("the mail server offers no STARTTLS, which is required"))
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE:
            return .over(.deferred("the mail server's certificate is not trusted"))
        default: break
        }
        // Before that it refuses us, or is down: whatever the message, and until somebody mends it.
        if (500..<600).contains(response) {
            return .over(
                isAboutMessage
                    ? .refused("the mail server refused it (\(response))")
                    : .deferred("the mail server takes no mail (\(response))"))
        }
        if (400..<500).contains(response) { return .over(.deferred("the mail server deferred it (\(response))")) }
        // The server may have taken the message when the answer to its end was lost.
        if bytesRead == bytes.count { return .over(.ambiguous(why)) }
        return bytesRead == 0 && code != CURLE_OPERATION_TIMEDOUT ? .brokenBefore(why) : .over(.deferred(why))
    }
}
