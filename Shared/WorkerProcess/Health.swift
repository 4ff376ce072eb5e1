import Dispatch
import Hummingbird
import Logging
import Workers

/// What another service may tell a worker by HTTP.
public struct Callback: Sendable {
    static let maximumBytes = 65_536
    let path: String
    let isAllowed: @Sendable (String) -> Bool
    private let take: @Sendable ([UInt8]) throws -> Bool

    /// - Parameters:
    ///   - path: Of the POST.
    ///   - isAllowed: Of the `Authorization` header's value.
    ///   - take: Returns false where the body cannot be read; throws where the caller is to come again. It may block.
    public init(
        path: String, isAllowed: @escaping @Sendable (String) -> Bool,
        take: @escaping @Sendable ([UInt8]) throws -> Bool
    ) {
        self.path = path
        self.isAllowed = isAllowed
        self.take = take
    }

    /// On a thread that may wait, unlike those of the server.
    func run(_ body: [UInt8]) async throws -> Bool {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try take(body) }) }
        }
    }
}

/// `/healthz`, `/readyz` and `/metrics` of one worker.
struct Health {
    let worker: WorkerName
    let state: WorkerState
    let callback: Callback?

    func application(host: String, port: Int, log: Logger) -> some ApplicationProtocol {
        let router = Router()
        router.get("healthz") { [state] _, _ in Health.answer(state.isHealthy, "ok", "the loop hangs") }
        router.get("readyz") { [state] _, _ in Health.answer(state.isReady, "ready", "waiting for database or broker") }
        router.get("metrics") { [worker, state] _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: state.prometheus(worker: worker))))
        }
        if let callback {
            router.post(RouterPath(callback.path)) { request, _ in
                guard callback.isAllowed(request.headers[.authorization] ?? "") else {
                    return Response(status: .unauthorized)
                }
                let body = try await request.body.collect(upTo: Callback.maximumBytes)
                do {
                    return Response(status: try await callback.run(Array(buffer: body)) ? .noContent : .badRequest)
                } catch {
                    log.warning("a callback could not be kept: it is asked for again")
                    return Response(status: .serviceUnavailable)
                }
            }
        }
        var quiet = log
        quiet.logLevel = .error
        return Application(
            router: router, configuration: .init(address: .hostname(host, port: port)),
            onServerRunning: { channel in
                log.info("health port open", metadata: ["port": "\(channel.localAddress?.port ?? port)"])
            }, logger: quiet)
    }

    private static func answer(_ good: Bool, _ yes: String, _ no: String) -> Response {
        Response(
            status: good ? .ok : .serviceUnavailable, headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: (good ? yes : no) + "\n")))
    }
}
