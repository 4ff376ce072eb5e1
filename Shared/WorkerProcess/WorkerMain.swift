import ArgumentParser
import Foundation
import Hummingbird
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
        let port = HealthPort(application: health, host: settings.healthHost, port: settings.healthPort)
        var services: [any ServiceLifecycle.Service] = [loop, port]
        if let service = try more(settings, log) { services.append(service) }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                // However one of them ends, the others end in order: the loop finishes its batch.
                services: services.map {
                    .init(
                        service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .gracefullyShutdownGroup)
                },
                gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet))
        try await group.run()
        log.info("stopped")
    }
}

/// The health port, with the settings named where it cannot be opened.
private struct HealthPort<Application: ApplicationProtocol>: ServiceLifecycle.Service {
    let application: Application
    let host: String
    let port: Int

    func run() async throws {
        do { try await application.run() } catch {
            throw ValidationError(
                "settings --health-host (QUORATE_HEALTH_HOST) and --health-port (QUORATE_HEALTH_PORT): \(host):\(port) cannot be listened on: \(error)"
            )
        }
    }
}

/// The loop on a thread of its own, under the lifecycle of the process.
private struct LoopService: ServiceLifecycle.Service {
    let state: WorkerState
    let body: @Sendable () throws -> Void

    func run() async throws {
        try await withTaskCancellationOrGracefulShutdownHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let thread = Thread {
                    continuation.resume(with: Result { try body() })
                }
                thread.name = "loop"
                thread.stackSize = 8 << 20
                thread.start()
            }
        } onCancelOrGracefulShutdown: {
            state.stop()
        }
    }
}
