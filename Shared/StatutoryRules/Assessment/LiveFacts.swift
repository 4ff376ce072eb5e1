extension CaseFile {
    /// The facts that stand once corrections and retractions are applied, in their order.
    public var liveFacts: [Fact] { Corrections(facts).live.map { facts[$0.index] } }
}
