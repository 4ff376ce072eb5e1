import Hummingbird

/// The ways in and out.
struct SignInPages: Sendable {
    let board: Board

    private static let pendingSeconds = 600
    private var access: Access { board.access }
    private var pendingCookie: String { access.cookieName + "-sign-in" }

    func add(to router: Router<BasicRequestContext>) {
        router.get("sign-in") { _, _ in
            Page(title: "Sign in", template: .message, of: nil, content).response()
        }
        router.get("sign-in/start") { _, _ in try await start() }
        router.get("sign-in/back") { request, _ in try await finish(request) }
        router.get("sign-in/link") { request, _ in try await link(request) }
        router.post("sign-out") { request, _ in try await leave(request) }
    }

    private var content: [String: Any] {
        var content: [String: Any] = ["title": "Sign in"]
        if access.openID != nil {
            content["text"] = "You need an account of your authority."
            content["button"] = "Sign in"
            content["target"] = "/sign-in/start"
        } else if board.settings.proxyKey != nil {
            content["text"] = "Your authority's gateway signs you in. Come to this page through it."
        } else {
            content["text"] =
                "Open the link that quorate up or quorate board link printed. Each link works once, for ten minutes."
        }
        return content
    }

    private func start() async throws -> Response {
        guard let openID = access.openID else { throw Board.NotFound() }
        let pending = OpenID.Pending()
        var response = Page.redirect(to: try await openID.start(pending))
        response.setCookie(
            access.cookie(pendingCookie, pending.text, seconds: SignInPages.pendingSeconds))
        return response
    }

    private func finish(_ request: Request) async throws -> Response {
        guard let openID = access.openID else { throw Board.NotFound() }
        guard let pending = request.cookies[pendingCookie].flatMap({ OpenID.Pending($0.value) }) else {
            throw Access.Refused(why: "the sign-in took longer than ten minutes, or began in another browser")
        }
        let user = try await openID.finish(Query(request.uri.query), pending)
        return try await welcome(user)
    }

    private func link(_ request: Request) async throws -> Response {
        guard let secret = Query(request.uri.query)["token"], let user = try await access.spend(link: secret) else {
            throw Access.Refused(
                why: "the link was used before, or is over ten minutes old; quorate board link makes another")
        }
        return try await welcome(user)
    }

    private func welcome(_ user: String) async throws -> Response {
        var response = Page.redirect(to: "/")
        response.setCookie(try await access.open(for: user))
        response.setCookie(access.cookie(pendingCookie, "", seconds: 0))
        return response
    }

    /// A form of another site would sign the user out: harmless, and refused all the same.
    private func leave(_ request: Request) async throws -> Response {
        try access.checkOrigin(of: request)
        var response = Page.redirect(to: "/sign-in")
        response.setCookie(try await access.close(request))
        return response
    }
}
