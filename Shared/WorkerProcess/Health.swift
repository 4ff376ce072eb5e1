import Hummingbird
import Logging
import Workers

/// `/healthz`, `/readyz` and `/metrics` of one worker.
struct Health {
    let worker: WorkerName
    let state: WorkerState

    func application(host: String, port: Int, log: Logger) -> some ApplicationProtocol {
        let router = Router()
        router.get("healthz") { [state] _, _ in Health.answer(state.isHealthy, "ok", "the loop hangs") }
        router.get("readyz") { [state] _, _ in Health.answer(state.isReady, "ready", "waiting for database or broker") }
        router.get("metrics") { [worker, state] _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: state.prometheus(worker: worker))))
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
