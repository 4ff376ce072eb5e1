import Hummingbird
import Mustache

/// A page as it is sent: no script, one stylesheet, and the GOV.UK Design System's markup.
struct Page: Sendable {
    enum Template: String, CaseIterable {
        case layout, choice, overview, due, escalations, record, lists, list, measure, message
    }

    private let bytes: ByteBuffer
    private let type: String
    private let file: String?

    /// A page within the frame of all; of an authority it has the way to the others.
    init(
        title: String, template: Template, of asked: Board.Asked?, by visitor: Visitor? = nil, _ content: [String: Any]
    ) {
        let pages: [String: Any] = ["hasPages": content["first"] != nil || content["next"] != nil]
        var frame: [String: Any] = ["title": title, "main": Page.render(template, content.merging(pages) { $1 })]
        if let user = (asked?.visitor ?? visitor)?.user { frame["user"] = user }
        if let asked {
            frame["authority"] = asked.authority
            frame["path"] = asked.path
            frame["hasCases"] = asked.role == .cases
        }
        bytes = ByteBuffer(string: Page.render(.layout, frame))
        type = "text/html; charset=utf-8"
        file = nil
    }

    /// A file to keep.
    init(file: String, type: String, _ bytes: [UInt8]) {
        self.bytes = ByteBuffer(bytes: bytes)
        self.type = type
        self.file = file
    }

    func response(_ status: HTTPResponse.Status = .ok) -> Response {
        var headers: HTTPFields = [.contentType: type]
        if let file { headers[.contentDisposition] = "attachment; filename=\"\(file)\"" }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: bytes))
    }

    static func message(_ status: HTTPResponse.Status, _ title: String, _ text: String) -> Response {
        Page(title: title, template: .message, of: nil, ["title": title, "text": text]).response(status)
    }

    static func redirect(to path: String) -> Response {
        Response(status: .seeOther, headers: [.location: path])
    }

    static func style() -> Response {
        Response(
            status: .ok, headers: [.contentType: "text/css; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: PackageResources.board_css)))
    }

    private static func render(_ template: Template, _ content: [String: Any]) -> String {
        templates.render(content, withTemplate: template.rawValue)!
    }

    private static let templates: MustacheLibrary = {
        let texts: [Template: [UInt8]] = [
            .layout: PackageResources.layout_mustache, .choice: PackageResources.choice_mustache,
            .overview: PackageResources.overview_mustache, .due: PackageResources.due_mustache,
            .escalations: PackageResources.escalations_mustache, .record: PackageResources.record_mustache,
            .lists: PackageResources.lists_mustache, .list: PackageResources.list_mustache,
            .measure: PackageResources.measure_mustache, .message: PackageResources.message_mustache,
        ]
        var library = MustacheLibrary()
        for (template, text) in texts {
            do {
                try library.register(String(decoding: text, as: UTF8.self), named: template.rawValue)
            } catch {
                fatalError("a template in the package does not parse: \(error)")
            }
        }
        return library
    }()
}
