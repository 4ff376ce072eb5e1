import Hummingbird
import Logging
import Postgres

typealias HTTPField = HTTPFields.Element

/// What holds for every page: for whom it is sent, what a browser may do with it, and what is said where it fails.
struct PageGuard: RouterMiddleware {
    typealias Context = BasicRequestContext

    let settings: BoardSettings
    let log: Logger

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await answer(request, context, next)
        for (name, value) in headers { response.headers[name] = value }
        return response
    }

    private func answer(
        _ request: Request, _ context: Context, _ next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        // A page of another site that gives its own name this machine's address would read the board.
        guard request.head.authority.map({ $0 == settings.authority }) ?? false else {
            return Page.message(
                .misdirectedRequest, "This is not the board's address", "The board is at \(settings.origin).")
        }
        do {
            return try await next(request, context)
        } catch is Board.NotFound {
            return PageGuard.missing
        } catch is Board.NotForThisRole {
            return Page.message(
                .forbidden, "Not part of your role",
                "You may see measures, on which no child is. Whoever runs Quorate can grant you the cases.")
        } catch is Board.Busy {
            log.warning("more ask than the board can answer")
            return Page.message(.serviceUnavailable, "The board is busy", "Try again in a minute.")
        } catch let refused as Access.Refused {
            log.warning("sign-in refused", metadata: ["why": "\(refused.why)"])
            return Page.message(.unauthorized, "You are not signed in", "The sign-in did not hold: \(refused.why).")
        } catch let failure as any HTTPResponseError {
            return failure.status == .notFound
                ? PageGuard.missing : Page.message(failure.status, "This cannot be asked", "Go back, and try again.")
        } catch let failure as Fetch.Failure {
            log.error("the issuer does not answer", metadata: ["why": "\(failure)"])
            return Page.message(.badGateway, "Sign-in does not work at the moment", "Try again in a few minutes.")
        } catch let failure as PostgresError {
            log.error("a page cannot be read", metadata: ["state": "\(failure.sqlState ?? "none")"])
            return Page.message(.serviceUnavailable, "The page cannot be read at the moment", "Try again in a minute.")
        } catch {
            // What it says may quote a cell: its type alone is told.
            log.error("a page failed", metadata: ["kind": "\(type(of: error))"])
            return Page.message(.internalServerError, "The page cannot be shown", "Try again in a minute.")
        }
    }

    private static var missing: Response {
        Page.message(
            .notFound, "Page not found", "There is no such page, or it is not one that you may see.")
    }

    private var headers: [(HTTPField.Name, String)] {
        var headers = [
            (
                HTTPField.Name.contentSecurityPolicy,
                "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
            ),
            (HTTPField.Name.cacheControl, "no-store"),
            (HTTPField.Name.xContentTypeOptions, "nosniff"),
            (HTTPField.Name("Referrer-Policy")!, "no-referrer"),
            (HTTPField.Name("X-Frame-Options")!, "DENY"),
            (HTTPField.Name("Cross-Origin-Opener-Policy")!, "same-origin"),
            (HTTPField.Name("Cross-Origin-Resource-Policy")!, "same-origin"),
        ]
        if settings.isSecure { headers.append((.strictTransportSecurity, "max-age=31536000")) }
        return headers
    }
}
