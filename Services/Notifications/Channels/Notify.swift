import CaseEvents
import Correspondence
import Crypto
import Foundation
import StatutoryRules
import WebClient

/// E-mail, SMS and letters by GOV.UK Notify's HTTP interface. The message's id is Notify's `reference`: Notify has no key that would make a
/// second request harmless, so after an ambiguous failure it is asked for the reference before anything is sent again.
///
/// The templates on Notify's side have the fields `((subject))` and `((body))`, of an SMS only `((body))`. Notify takes no
/// files: what has any goes by mail.
final class Notify: Channel {
    struct Settings {
        let url: String
        let serviceId: String
        let secret: String
        let templates: [Way: String]
        /// Of a whole request.
        let timeoutSeconds: Int
    }

    /// "3,000 requests per 60 seconds".
    private static let secondsBetweenRequests = 0.02
    private static let restSecondsAfterRefusal = 60.0
    private static let longestTimeoutSeconds = 20
    /// "You can only get the status of messages that are 7 days old or newer."
    private static let remembersDays = 7.0
    /// What was to be said longer ago may have been said before the database was restored from a backup: it is asked for
    /// first, at the price of a second request.
    private static let promptSeconds = 600.0
    private static let smsCharacters = 918
    private let settings: Settings
    private let http: HTTPClient
    private var files: any Channel
    /// How far Notify's clock is ahead of ours.
    private var skewSeconds = 0.0
    private var nextRequest = Date.distantPast
    private var restsUntil = Date.distantPast

    /// - Parameter files: Takes messages with attachments.
    init(_ settings: Settings, files: any Channel) {
        self.settings = settings
        self.files = files
        http = HTTPClient(timeoutSeconds: min(settings.timeoutSeconds, Notify.longestTimeoutSeconds))
    }

    var window: Int { min(20, files.window) }

    func canLookUp(_ mail: Mail) -> Bool { goesByMail(mail) ? files.canLookUp(mail) : true }

    private func goesByMail(_ mail: Mail) -> Bool {
        (!mail.attachments.isEmpty || mail.calendar != nil) && mail.way == .email
    }

    /// The path and the JSON of a request to send it.
    private func request(_ mail: Mail, _ template: String) -> (path: String, body: String) {
        func object(_ fields: [(String, String)]) -> String {
            "{" + fields.map { "\"\($0)\":\(JSONValue.quoted($1))" }.joined(separator: ",") + "}"
        }
        var fields = [("template_id", template), ("reference", mail.id)]
        var values = [("subject", mail.subject), ("body", mail.body)]
        switch mail.way {
        case .email: fields.append(("email_address", mail.to))
        case .sms:
            fields.append(("phone_number", mail.to))
            // "Text messages can be up to 918 characters": a longer one is only announced.
            let isShort = mail.body.count <= Notify.smsCharacters
            values = [("body", isShort ? mail.body : "\(mail.subject). See the case system.")]
        case .letter:
            values += mail.to.split(separator: "\n").enumerated().map { ("address_line_\($0 + 1)", String($1)) }
        }
        let body = object(fields).dropLast() + ",\"personalisation\":\(object(values))}"
        return ("/v2/notifications/\(mail.way.rawValue)", String(body))
    }

    func deliver(_ mails: [Mail], until end: ContinuousClock.Instant) -> [Delivery] {
        let byMail = mails.filter(goesByMail)
        var others = (byMail.isEmpty ? [] : files.deliver(byMail, until: end)).makeIterator()
        return mails.map { mail in
            if goesByMail(mail) { return others.next() ?? .unreached }
            return ContinuousClock.now < end ? deliver(mail) : .unreached
        }
    }

    private func deliver(_ mail: Mail) -> Delivery {
        guard let template = settings.templates[mail.way] else {
            return .deferred(
                "there is no template for \(mail.way.rawValue): see --notify-\(mail.way.rawValue)-template")
        }
        guard Date() >= restsUntil else { return .deferred("GOV.UK Notify's limit is reached") }
        if age(of: mail.occasion) > Notify.promptSeconds {
            switch lookUp(mail, countingFailed: false) {
            case .delivered: return .sent
            case .later(let why): return .deferred(why)
            case .absent, .cannotTell: break
            }
        }
        let (path, body) = request(mail, template)
        let answer: HTTPClient.Answer
        do {
            answer = try send(path, body)
        } catch {
            return error.mayHaveArrived ? .ambiguous(error.why) : .deferred(error.why)
        }
        switch answer.status {
        case 201: return .sent
        case 403: return .deferred("GOV.UK Notify refuses the key")
        case 429:
            restsUntil = Date() + Notify.restSecondsAfterRefusal
            return .deferred("GOV.UK Notify's limit is reached")
        case 500...599: return .ambiguous("GOV.UK Notify has a fault (\(answer.status))")
        case 400: return .refused("GOV.UK Notify refused it (\(answer.status) \(Notify.fault(answer)))")
        // Of a proxy, or of an address that is not Notify's: the message is not at fault.
        default: return .deferred("GOV.UK Notify does not take it (\(answer.status) \(Notify.fault(answer)))")
        }
    }

    func lookUp(_ mail: Mail) -> LookUp { lookUp(mail, countingFailed: true) }

    /// - Parameter countingFailed: Whether one that Notify took and could not deliver counts. What is sent once more does not
    ///   find the first there.
    private func lookUp(_ mail: Mail, countingFailed: Bool) -> LookUp {
        if goesByMail(mail) { return files.lookUp(mail) }
        guard age(of: mail.dated) < Notify.remembersDays * 86_400 else { return .cannotTell }
        let answer: HTTPClient.Answer
        do {
            answer = try send("/v2/notifications?reference=\(mail.id)", nil)
        } catch {
            return .later(error.why)
        }
        guard answer.status == 200, let found = (try? JSONValue(answer.body))?["notifications"] else {
            return .later("GOV.UK Notify does not answer for it (\(answer.status))")
        }
        // Asked for by reference; what else it might list is none of ours.
        let isFound = found.elements.contains {
            $0["reference"]?.string == mail.id
                && (countingFailed || !Receipts.failures.contains($0["status"]?.string ?? ""))
        }
        return isFound ? .delivered : .absent
    }

    private func age(of instant: Instant) -> Double {
        Date().timeIntervalSince1970 - Double(instant.microseconds) / 1e6
    }

    // MARK: Requests

    /// One request at the pace that Notify allows. Where Notify finds our clock wrong, once more by its own.
    private func send(_ path: String, _ body: String?) throws(HTTPClient.Failure) -> HTTPClient.Answer {
        let answer = try paced(path, body)
        guard answer.status == 403, let date = answer.date, abs(date.timeIntervalSinceNow - skewSeconds) > 20 else {
            return answer
        }
        skewSeconds = date.timeIntervalSinceNow
        return try paced(path, body)
    }

    private func paced(_ path: String, _ body: String?) throws(HTTPClient.Failure) -> HTTPClient.Answer {
        let pause = nextRequest.timeIntervalSinceNow
        if pause > 0 { Thread.sleep(forTimeInterval: pause) }
        nextRequest = Date() + Notify.secondsBetweenRequests
        return try http.send(settings.url + path, bearer: token(), body.map { .json($0) })
    }

    /// A JSON Web Token, signed with HS256: who asks, and when.
    private func token() -> String {
        let issued = Int(Date().timeIntervalSince1970 + skewSeconds)
        let parts = [
            #"{"typ":"JWT","alg":"HS256"}"#, "{\"iss\":\(JSONValue.quoted(settings.serviceId)),\"iat\":\(issued)}",
        ].map { Notify.base64URL(Data($0.utf8)) }.joined(separator: ".")
        let key = SymmetricKey(data: Data(settings.secret.utf8))
        let signature = HMAC<SHA256>.authenticationCode(for: Data(parts.utf8), using: key)
        return "\(parts).\(Notify.base64URL(Data(signature)))"
    }

    private static func base64URL(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// The fault's name: its message may repeat what was sent.
    private static func fault(_ answer: HTTPClient.Answer) -> String {
        let errors = (try? JSONValue(answer.body))?["errors"]?.elements.compactMap { $0["error"]?.string } ?? []
        return errors.first.map { String($0.filter(\.isLetter).prefix(40)) } ?? "without a reason"
    }
}

extension Notify.Settings {
    /// - Parameter key: `<name>-<service id>-<secret>`, of which the last two are UUIDs.
    init?(key: String, url: String, templates: [Way: String], timeoutSeconds: Int) {
        let (secret, rest) = (String(key.suffix(36)), key.dropLast(37))
        let service = String(rest.suffix(36))
        guard UUID(uuidString: secret) != nil, UUID(uuidString: service) != nil, rest.count > 37 else { return nil }
        self.init(
            url: url, serviceId: service, secret: secret, templates: templates, timeoutSeconds: timeoutSeconds)
    }
}
