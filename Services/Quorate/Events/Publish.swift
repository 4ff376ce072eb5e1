import ArgumentParser
import CaseEvents
import Foundation
import Kafka
import Postgres
import Workers

/// Sends events to Kafka with the right key and headers.
struct Publish: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Send events to case-events (and directory events to directory-events).",
        discussion: """
            Reads structured CloudEvents, one JSON object a line. A line that is not valid is refused with its number \
            and reason, and the rest is sent. Exit status 1 where a line was refused. To an embedded broker it returns \
            when the workers have stored the events.
            """)

    @OptionGroup var options: DeploymentOptions

    @Argument(help: "File of events; standard input without it.")
    var file: String?

    func run() throws {
        let publisher = try Publisher(try options.deployment(needsKafka: true))
        let err = Terminal.error
        var count = Publisher.Count()
        var portion = Publisher.Portion()
        func send(_ share: Double?) throws {
            try publisher.send(portion, &count) { line in
                err.endProgress()
                err.print(line)
            }
            portion = Publisher.Portion()
            let events = "\(count.accepted) events"
            if let share { err.bar(Int(share * 100), of: 100, "%, \(events)") } else { err.progress(events) }
        }
        try EventLines(file).readEach { line, share in
            portion.append(line)
            if portion.isFull { try send(share) }
        } atRest: {
            if !portion.lines.isEmpty { try send(nil) }
        }
        try send(1)
        err.endProgress()
        Terminal.out.print("\(count.accepted) accepted, \(count.refused) refused")
        if count.refused > 0 { throw ExitCode.failure }
    }
}

/// Sends lines idempotently, in order, and waits for the acknowledgement of each.
final class Publisher {
    struct Count {
        var accepted = 0
        var refused = 0
    }

    /// Lines that are on their way to the workers together. The embedded broker keeps 5 MiB a partition, and one case may
    /// have them all.
    struct Portion {
        private static let mostLines = 2_000
        private static let mostBytes = 3 << 20
        private(set) var lines: [EventLine] = []
        private var bytes = 0

        var isFull: Bool { lines.count >= Portion.mostLines || bytes >= Portion.mostBytes }

        mutating func append(_ line: EventLine) {
            lines.append(line)
            bytes += line.bytes.count
        }
    }

    private let deployment: Deployment
    private let producer: Producer
    private let backlog: Backlog?
    private let whileWaiting: () throws -> Void

    /// `whileWaiting` is called again and again while the workers of an embedded broker store what was sent.
    init(_ deployment: Deployment, whileWaiting: @escaping () throws -> Void = {}) throws {
        self.deployment = deployment
        self.whileWaiting = whileWaiting
        producer = try Producer(try deployment.kafka)
        backlog = deployment.incarnation == nil ? nil : try Backlog(deployment)
        if deployment.incarnation == nil { try deployment.makeTopics() }
    }

    func publish(_ lines: [[UInt8]], _ count: inout Count, label: String, _ say: (String) -> Void) throws {
        var portion = Portion()
        for (place, line) in lines.enumerated() {
            portion.append(EventLine(number: place + 1, bytes: line))
            guard portion.isFull || place == lines.count - 1 else { continue }
            try send(portion, &count, say)
            portion = Portion()
            Terminal.out.bar(place + 1, of: lines.count, label)
        }
        Terminal.out.endProgress()
    }

    func send(_ portion: Portion, _ count: inout Count, _ say: (String) -> Void) throws {
        for line in portion.lines {
            do throws(Refusal) {
                let event = try Contract.decode(line: line.bytes)
                let isDirectory = event.envelope.eventType?.isDirectory == true
                try queue(event, to: isDirectory ? .directoryEvents : .caseEvents)
                count.accepted += 1
            } catch {
                count.refused += 1
                say("line \(line.number): \(error.reason)")
            }
        }
        while producer.outstanding > 0 {
            for delivery in producer.flush(timeoutMilliseconds: 1_000) {
                if let error = delivery.error { throw error }
            }
        }
        try waitUntilStored()
    }

    private func queue(_ event: CaseEvent, to topic: SystemTopic) throws(Refusal) {
        let key = "\(event.envelope.authority)/\(event.envelope.subject)"
        do {
            try producer.produce(
                topic: topic.rawValue, key: Array(key.utf8),
                headers: [
                    Header(name: "content-type", value: Array("application/cloudevents+json; charset=UTF-8".utf8))
                ],
                value: event.structured, token: 0)
        } catch {
            throw Refusal(code: "not_sent", reason: "the broker client did not take it: \(error)")
        }
    }

    /// Of an embedded broker: until every worker has applied what was sent, since it forgets the oldest silently.
    private func waitUntilStored() throws {
        guard let backlog else { return }
        while try backlog.read().lag.values.contains(where: { $0 > 0 }) {
            try whileWaiting()
            Thread.sleep(forTimeInterval: 0.02)
        }
    }
}
