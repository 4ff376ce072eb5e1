import CLibcurl
import Correspondence
import Foundation

/// Mail by SMTP or SMTPS through libcurl, a connection a message.
struct SMTP: Channel {
    let url: String
    /// An answer that is lost leaves one message in doubt.
    let window = 1
    private static let timeoutSeconds = 60

    init(url: String) {
        SMTP.prepare
        self.url = url
    }

    private static let prepare: Void = { curl_global_init(Int(CURL_GLOBAL_DEFAULT)) }()

    /// What is still to be read of a message, for libcurl's read callback.
    private final class Upload {
        let bytes: [UInt8]
        var at = 0
        init(_ text: String) { bytes = Array(text.utf8) }
    }

    func deliver(_ mail: Mail) -> Delivery {
        guard let handle = curl_easy_init() else { return .deferred("libcurl gave no handle") }
        defer { curl_easy_cleanup(handle) }
        let recipients = curl_slist_append(nil, "<\(mail.to)>")
        // "curl_slist_free_all … must be called when the data has been used": after the transfer.
        defer { curl_slist_free_all(recipients) }
        let upload = Upload(mail.text)
        quorate_curl_set_string(handle, CURLOPT_URL, url)
        quorate_curl_set_string(handle, CURLOPT_MAIL_FROM, "<\(mail.from)>")
        quorate_curl_set_list(handle, CURLOPT_MAIL_RCPT, recipients)
        quorate_curl_set_long(handle, CURLOPT_USE_SSL, Int(CURLUSESSL_TRY.rawValue))
        quorate_curl_set_long(handle, CURLOPT_UPLOAD, 1)
        quorate_curl_set_long(handle, CURLOPT_TIMEOUT, SMTP.timeoutSeconds)
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
        let code = curl_easy_perform(handle)
        return withExtendedLifetime(upload) { judge(code, handle, isWholeBodyRead: upload.at == upload.bytes.count) }
    }

    private func judge(_ code: CURLcode, _ handle: UnsafeMutableRawPointer, isWholeBodyRead: Bool) -> Delivery {
        if code == CURLE_OK { return .sent }
        var response = 0
        quorate_curl_response_code(handle, &response)
        let why = String(cString: curl_easy_strerror(code))
        if (500..<600).contains(response) { return .refused("the mail server refused it (\(response))") }
        if (400..<500).contains(response) { return .deferred("the mail server deferred it (\(response))") }
        // The server may have taken the message when the answer to its end was lost.
        return isWholeBodyRead ? .ambiguous(why) : .deferred(why)
    }
}
