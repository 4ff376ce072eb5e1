import CaseEvents
import StatutoryRules

// What libFuzzer calls with each input. The first byte chooses the door by which it comes in; the rest is the event. Taken
// or refused with a reason are both right: the fuzzer looks for inputs that stop the process, and AddressSanitizer for
// reads outside what is ours.

@_cdecl("LLVMFuzzerTestOneInput")
public func oneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    guard let door = bytes.first else { return 0 }
    let event = Array(bytes.dropFirst())
    switch door % 4 {
    case 0: structured(event)
    case 1: binary(event)
    case 2: outcome(event)
    default: assessed(event)
    }
    return 0
}

typealias Arguments = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<Arguments>,
    _ oneInput: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// The package manager makes this name the program's start.
@_cdecl("Fuzz_main")
func start(_ count: CInt, _ arguments: Arguments) -> CInt {
    var (count, arguments) = (count, arguments)
    return runDriver(&count, &arguments) { data, count in
        oneInput(data, count)
    }
}

private func structured(_ event: [UInt8]) {
    _ = Contract.peek(structuredEvent(event))
    if let taken = try? Contract.decode(line: event) { keep(taken) }
}

private func keep(_ taken: CaseEvent) {
    // What was taken once must be readable for ever.
    guard let stored = try? Contract.decodeStored(taken.structured) else { fatalError("a taken event is not readable") }
    precondition(stored.fact == taken.fact, "a stored event says something else")
}

/// Headers as lines before an empty line, then the data.
private func binary(_ event: [UInt8]) {
    let parts = event.split(separator: 0, maxSplits: 16, omittingEmptySubsequences: false).map(Array.init)
    var headers: [(name: String, value: [UInt8])] = [("content-type", Array("application/json".utf8))]
    let names = ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "ce_authority"]
    for (name, value) in zip(names, parts) { headers.append((name, value)) }
    let incoming = IncomingEvent(key: nil, headers: headers, value: parts.last)
    _ = Contract.peek(incoming)
    if let taken = try? Contract.decode(incoming, on: .caseEvents) { keep(taken) }
}

private func outcome(_ event: [UInt8]) { _ = try? Contract.decodeOutcome(structuredEvent(event)) }

private func structuredEvent(_ event: [UInt8]) -> IncomingEvent {
    let type = Array("application/cloudevents+json".utf8)
    return IncomingEvent(key: nil, headers: [("content-type", type)], value: event)
}

/// Lines of events, judged as a case.
private func assessed(_ event: [UInt8]) {
    let facts = event.split(separator: UInt8(ascii: "\n")).compactMap { try? Contract.decode(line: Array($0)).fact }
    let file = CaseFile(authority: "E09000001", subject: "case", facts: facts)
    let asOf = Instant("2026-06-01T09:00:00Z")!
    let once = assess(file, under: .packaged, asOf: asOf)
    let turned = CaseFile(authority: file.authority, subject: file.subject, facts: facts.reversed())
    let again = assess(turned, under: .packaged, asOf: asOf)
    let (left, right) = (
        once.json(authority: "", subject: "", asOf: asOf), again.json(authority: "", subject: "", asOf: asOf)
    )
    precondition(left == right, "the order of the facts shows")
}
