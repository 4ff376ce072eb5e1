/// Plain enumerations of which arrays hold a value for each case, in the order of the cases.
public protocol Ordinal: CaseIterable {}

extension Ordinal {
    /// The place among all cases. A case without values is a byte that counts the cases; reading it is what makes a look
    /// into such an array cheap.
    var ordinal: Int {
        precondition(MemoryLayout<Self>.size == 1, "more than 256 cases, or cases with values")
        return Int(unsafeBitCast(self, to: UInt8.self))
    }
}
