import Embedded
import Kafka
import Testing

@Suite(.serialized) struct StaticMemberTests {
    /// Killed means: gone without leaving the group. A real broker gives the place back at once; the mock knows no
    /// static members and waits twice for the session (11 s of 6).
    @Test func aStaticMemberThatComesBackReadsOn() throws {
        let fixture = try Fixture(partitions: 1)
        try fixture.produce(3)
        var member: Member? = try fixture.member("worker-1")
        #expect(try member?.records(3).count == 3)
        member?.consumer.close(timeoutMilliseconds: 0)
        member = nil
        let next = try fixture.member("worker-1", from: 1)
        #expect(try texts(next.records(2)) == ["1", "2"])
    }
}
