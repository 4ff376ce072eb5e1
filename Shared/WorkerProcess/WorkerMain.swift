import Foundation
import Logging
import ServiceLifecycle
import Workers

/// Starts a worker: settings, health port, loop, signals. What each of the four executables calls.
public enum WorkerMain {
    /// Returns once the worker has stopped in order; throws where it cannot go on.
    ///
    /// - Parameters:
    ///   - callback: What another service may tell the worker, on the port of `/healthz`.
    ///   - more: What runs alongside, and ends with it.
    public static func run<S: WorkerService>(
        _ options: WorkerOptions, callback makeCallback: (WorkerSettings) throws -> Callback? = { _ in nil },
        service make: @escaping @Sendable (WorkerSettings, Logger) throws -> S,
        alongside more: (WorkerSettings, Logger) throws -> (any ServiceLifecycle.Service)? = { _, _ in nil }
    ) async throws {
        let settings = try WorkerSettings(options, environment: ProcessInfo.processInfo.environment)
        var log = Logger(label: S.name.rawValue) { _ in
            LineLog(worker: S.name.rawValue, level: settings.logLevel, format: settings.logFormat)
        }
        log.logLevel = settings.logLevel
        let state = WorkerState()
        let loop = LoopService(state: state) { [log] in
            try Worker(settings, service: try make(settings, log), state: state, log: log).run()
        }
        var quiet = log
        quiet.logLevel = .error
        let health = Health(worker: S.name, state: state, callback: try makeCallback(settings))
            .application(host: settings.healthHost, port: settings.healthPort, log: log)
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = [
            .init(service: loop, successTerminationBehavior: .gracefullyShutdownGroup), .init(service: health),
        ]
        if let service = try more(settings, log) { services.append(.init(service: service)) }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services,
                gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet))
        try await group.run()
        log.info("stopped")
    }
}

/// The loop on a thread of its own, under the lifecycle of the process.
private struct LoopService: ServiceLifecycle.Service {
    let state: WorkerState
    let body: @Sendable () throws -> Void

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let thread = Thread {
                    continuation.resume(with: Result { try body() })
                }
                thread.name = "loop"
                thread.stackSize = 8 << 20
                thread.start()
            }
        } onGracefulShutdown: {
            state.stop()
        }
    }
}
