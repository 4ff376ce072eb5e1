import Crypto
import Foundation
import Hummingbird

/// A user whom a trusted proxy has signed in. It sends `X-Quorate-User`, `X-Quorate-Time` (seconds since 1970) and
/// `X-Quorate-Signature`: HMAC-SHA256, hexadecimal, over method, path with query, user and time, a line each. A signature is good for
/// the one page for which it was made, for a minute.
enum ProxySignature {
    static let seconds = 60.0

    static func user(of request: Request, key: SymmetricKey, now: Date = Date()) throws -> String? {
        guard let signature = request.headers[field("X-Quorate-Signature")] else { return nil }
        guard let user = request.headers[field("X-Quorate-User")], !user.isEmpty,
            let time = request.headers[field("X-Quorate-Time")], let made = Double(time)
        else { throw Access.Refused(why: "the proxy's signature comes without user or time") }
        guard abs(now.timeIntervalSince1970 - made) <= seconds else {
            throw Access.Refused(why: "the proxy's signature is over a minute old, or its clock is wrong")
        }
        let text = "\(request.method.rawValue)\n\(request.uri.string)\n\(user)\n\(time)"
        guard let bytes = bytes(hex: signature),
            HMAC<SHA256>.isValidAuthenticationCode(bytes, authenticating: Data(text.utf8), using: key)
        else { throw Access.Refused(why: "the proxy's signature does not fit this request") }
        return user
    }

    private static func field(_ name: String) -> HTTPField.Name { HTTPField.Name(name)! }

    private static func bytes(hex: String) -> [UInt8]? {
        guard hex.utf8.count == 64 else { return nil }
        let digits = Array(hex.utf8)
        let bytes = stride(from: 0, to: 64, by: 2).compactMap { place in
            UInt8(String(decoding: digits[place...place + 1], as: UTF8.self), radix: 16)
        }
        return bytes.count == 32 ? bytes : nil
    }
}
