import CLibcurl
import Correspondence
import Foundation

/// Mail by SMTP through libcurl, over one connection that stays open between messages.
final class SMTP: Channel {
    /// Whether the connection must be encrypted.
    enum Encryption: String, CaseIterable {
        /// STARTTLS, or TLS from the start with smtps://; without it nothing is sent.
        case required
        /// Only for a relay on the same machine or network that offers none.
        case none
    }

    struct Login {
        let user: String
        let password: String
    }

    /// An answer that is lost leaves one message in doubt.
    let window = 1
    private static let timeoutSeconds = 60
    private static let connectTimeoutSeconds = 15
    private static let idleSeconds = 50
    private let handle: UnsafeMutableRawPointer

    /// - Parameter authorities: A file with the certificates to trust, in the place of the system's.
    init(url: String, encryption: Encryption, login: Login?, authorities: String?) {
        SMTP.prepare
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
        quorate_curl_set_long(handle, CURLOPT_TIMEOUT, SMTP.timeoutSeconds)
        quorate_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT, SMTP.connectTimeoutSeconds)
        // Servers end sessions that have been idle for long: a new one is made before that.
        quorate_curl_set_long(handle, CURLOPT_MAXAGE_CONN, SMTP.idleSeconds)
        quorate_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
    }

    // "This call closes all connections this handle has used": it is ours alone.
    deinit { curl_easy_cleanup(handle) }

    static let prepare: Void = { curl_global_init(Int(CURL_GLOBAL_DEFAULT)) }()

    /// What libcurl says to the server.
    private final class Talk {
        /// The server was asked to take mail for this recipient, or the mail itself.
        var isAboutMessage = false
    }

    /// What is still to be read of a message, for libcurl's read callback.
    private final class Upload {
        let bytes: [UInt8]
        var at = 0
        init(_ text: String) { bytes = Array(text.utf8) }
    }

    func deliver(_ mail: Mail) -> Delivery {
        let outcome = send(mail)
        // The server had ended the kept connection before it heard of the message: once more, on a new one.
        guard case .brokenBefore = outcome else { return outcome.delivery }
        return send(mail).delivery
    }

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

    private func send(_ mail: Mail) -> Outcome {
        let recipients = curl_slist_append(nil, "<\(mail.to)>")
        // "curl_slist_free_all … must be called when the data has been used": after the transfer.
        defer {
            quorate_curl_set_list(handle, CURLOPT_MAIL_RCPT, nil)
            curl_slist_free_all(recipients)
        }
        let upload = Upload(mail.text)
        quorate_curl_set_string(handle, CURLOPT_MAIL_FROM, "<\(mail.from)>")
        quorate_curl_set_list(handle, CURLOPT_MAIL_RCPT, recipients)
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
        let talk = Talk()
        quorate_curl_set_tracer(
            handle,
            { _, kind, bytes, count, context in
                let command = UnsafeRawBufferPointer(
                    start: bytes, count: kind == CURLINFO_HEADER_OUT ? min(count, 4) : 0)
                if ["RCPT", "DATA"].contains(String(decoding: command, as: UTF8.self)) {
                    Unmanaged<Talk>.fromOpaque(context!).takeUnretainedValue().isAboutMessage = true
                }
                return 0
            }, Unmanaged.passUnretained(talk).toOpaque())
        let code = curl_easy_perform(handle)
        return withExtendedLifetime((upload, talk)) {
            judge(code, isAboutMessage: talk.isAboutMessage, bytesRead: upload.at, of: upload.bytes.count)
        }
    }

    private func judge(_ code: CURLcode, isAboutMessage: Bool, bytesRead: Int, of count: Int) -> Outcome {
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
        if bytesRead == count { return .over(.ambiguous(why)) }
        return bytesRead == 0 && code != CURLE_OPERATION_TIMEDOUT ? .brokenBefore(why) : .over(.deferred(why))
    }
}
