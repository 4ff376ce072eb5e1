import Kafka
import Testing

@testable import Workers

@Suite struct TopicTests {
    /// Auditing takes every record: what was superseded in the directory stays for as long as it may be down.
    @Test func everyTopicKeepsAllFor35Days() {
        let topics = SystemTopic.topics(replication: 3)
        #expect(Set(topics.map(\.name)) == Set(SystemTopic.allCases.map(\.rawValue) + ["audit-checkpoints"]))
        for topic in topics {
            let isDirectory = topic.name == "directory-events"
            let kept = topic.configuration[isDirectory ? "min.compaction.lag.ms" : "retention.ms"]
            #expect(kept == (topic.name == "audit-checkpoints" ? "-1" : "3024000000"), "\(topic.name)")
            #expect(topic.configuration["cleanup.policy"] == (isDirectory ? "compact" : nil), "\(topic.name)")
            #expect(topic.replication == 3 && topic.partitions == 24, "\(topic.name)")
        }
    }
}
