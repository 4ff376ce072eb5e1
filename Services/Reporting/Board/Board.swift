import Hummingbird
import Logging
import Postgres
import StatutoryRules
import Workers

/// Read-only pages for people: what is due and overdue, one case with each date explained, the lists as they were published, and
/// measures over time. Of one authority at a time, by a login that PostgreSQL's row security binds to it.
public struct Board: Sendable {
    /// A page that is not there, or not for this user: which of the two is not told.
    struct NotFound: Error {}
    /// A page that the user's role leaves out.
    struct NotForThisRole: Error {}
    /// As many wait as may.
    struct Busy: Error {}

    let settings: BoardSettings
    let database: BoardDatabase
    let access: Access
    private let log: Logger

    public init(_ settings: BoardSettings, log: Logger) {
        self.settings = settings
        self.log = log
        database = BoardDatabase(settings.databaseURL)
        access = Access(
            settings: settings, database: database,
            openID: settings.issuer.map { OpenID($0, origin: settings.origin) })
    }

    public func application() -> some ApplicationProtocol {
        let router = Router()
        router.add(middleware: PageGuard(settings: settings, log: log))
        router.get("board.css") { _, _ in Page.style() }
        SignInPages(board: self).add(to: router)
        router.get("/") { request, _ in try await front(request) }
        let pages = router.group("authorities/:authority")
        pages.get("") { try await page($0, $1, for: .measures, OverviewPage.draw) }
        pages.get("overdue") { try await page($0, $1, for: .cases, DuePage.overdue) }
        pages.get("due") { try await page($0, $1, for: .cases, DuePage.soon) }
        pages.get("escalations") { try await page($0, $1, for: .cases, EscalationPage.draw) }
        pages.post("find") { try await find($0, $1) }
        pages.get("case") { try await page($0, $1, for: .cases, CasePage.draw) }
        pages.get("lists") { try await page($0, $1, for: .cases, ListPages.index) }
        pages.get("list") { try await page($0, $1, for: .cases, ListPages.list) }
        pages.get("timeliness") { try await page($0, $1, for: .measures, MeasurePages.timeliness) }
        pages.get("quorum") { try await page($0, $1, for: .measures, MeasurePages.quorum) }
        pages.get("postponements") { try await page($0, $1, for: .measures, MeasurePages.postponements) }
        var quiet = log
        quiet.logLevel = .error
        return Application(
            router: router, configuration: .init(address: .hostname(settings.host, port: settings.port)),
            onServerRunning: { _ in log.info("board open", metadata: ["origin": "\(settings.origin)"]) }, logger: quiet)
    }

    /// What a page is drawn from.
    struct Asked: Sendable {
        let visitor: Visitor
        let role: BoardRole
        let authority: String
        let query: Query

        var path: String { "/authorities/\(Query.encoded(authority))" }
    }

    /// Who asks, of which authority, for which page; then the page, in one transaction that has ended before it is sent.
    private func page(
        _ request: Request, _ context: some RequestContext, for needed: BoardRole,
        _ draw: @escaping @Sendable (Asked, borrowing Transaction) throws -> Page
    ) async throws -> Response {
        guard let asked = try await self.asked(request, context, for: needed, Query(request.uri.query)) else {
            return Page.redirect(to: "/sign-in")
        }
        let page = try await database.transaction(seeing: asked.authority) { try draw(asked, $0) }
        return page.response()
    }

    /// `nil` where nobody has signed in.
    private func asked(
        _ request: Request, _ context: some RequestContext, for needed: BoardRole, _ query: Query
    ) async throws -> Asked? {
        guard let visitor = try await access.visitor(request) else { return nil }
        let authority = context.parameters.get("authority") ?? ""
        guard let role = visitor.role(in: authority) else { throw NotFound() }
        guard needed == .measures || role == .cases else { throw NotForThisRole() }
        return Asked(visitor: visitor, role: role, authority: authority, query: query)
    }

    private static let formBytes = 1_024

    /// To the page of the case whose reference was typed. What is typed may be a name: it becomes part of an address only where
    /// it is the reference of a case.
    private func find(_ request: Request, _ context: some RequestContext) async throws -> Response {
        try access.checkOrigin(of: request)
        let form = Query(String(buffer: try await request.body.collect(upTo: Board.formBytes)))
        guard let asked = try await self.asked(request, context, for: .cases, form) else {
            return Page.redirect(to: "/sign-in")
        }
        guard let reference = asked.query["reference"],
            try await database.transaction(seeing: asked.authority, { try CasePage.isKnown(reference, asked, $0) })
        else { throw NotFound() }
        return Page.redirect(to: CasePage.path(of: reference, asked))
    }

    /// Straight to the authority where the user has one, else a choice.
    private func front(_ request: Request) async throws -> Response {
        guard let visitor = try await access.visitor(request) else { return Page.redirect(to: "/sign-in") }
        var codes = visitor.grants.keys.filter { $0 != "*" }
        if visitor.grants["*"] != nil {
            codes += try await database.transaction(seeing: nil) { transaction in
                try transaction.execute("SELECT authority FROM reporting.authorities_known()").map {
                    $0.string("authority")
                }
            }
        }
        let authorities = Set(codes).sorted()
        if authorities.count == 1 { return Page.redirect(to: "/authorities/\(Query.encoded(authorities[0]))") }
        let choices = authorities.map { ["code": $0, "path": "/authorities/\(Query.encoded($0))"] }
        return Page(
            title: "Choose an authority", template: .choice, of: nil, by: visitor,
            ["choices": choices, "isEmpty": choices.isEmpty]
        ).response()
    }
}
