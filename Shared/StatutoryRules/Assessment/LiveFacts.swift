extension CaseFile {
    /// The facts that stand once corrections and retractions are applied, in their order.
    public var liveFacts: [Fact] { Corrections(facts).live.map { facts[$0.index] } }
}

extension Deadline {
    /// Undated because the bank holidays loaded do not reach far enough.
    public var isBeyondCalendar: Bool { state == .undated && basis == .counted }
}
