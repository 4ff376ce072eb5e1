// swift-tools-version: 6.1
import Foundation
import PackageDescription

/// Warnings are errors everywhere that we write the code.
let strict: [SwiftSetting] = [.unsafeFlags(["-warnings-as-errors"])]

/// Each migration is part of the binary, so that any worker's image can bring a database up.
let migrations: [Resource] = [
    "0001_foundation", "0002_worker_tables", "0003_scheduling", "0004_notifications", "0005_reporting",
    "0006_auditing", "0007_analysis", "0008_correspondence", "0009_audit_proofs", "0010_retention", "0011_read_models",
    "0012_analysis_records", "0013_analysis_measures", "0014_analysis_comments", "0015_letters", "0016_sending",
    "0017_invitations", "0018_receipts", "0019_board", "0020_analysis_speed", "0021_lookup_and_erasure",
    "0022_audit_archive", "0023_told", "0024_whole_erasure", "0025_board_pages", "0026_invitations_withdrawn",
    "0027_judged_duties", "0028_retention_of_no_case", "0029_findings_by_matter", "0030_views_by_index",
    "0031_judged_lists", "0032_audit_table_partitions", "0033_audit_losses", "0034_views_in_bulk",
    "0035_as_it_stood", "0036_audit_room", "0037_audit_again",
    "0038_views_side_by_side",
].map { .embedInCode("Migrations/\($0).sql") }

/// What people read, in English.
let texts: [Resource] = [
    "messages.tsv", "words.tsv", "notice.mustache", "digest.mustache", "list.mustache", "family.mustache",
    "exclusion_letter.mustache", "parents_decision_letter.mustache", "decision_letter_and_plan.mustache",
    "no_plan_decision.mustache", "conference_record.mustache", "child_record_copy.mustache",
    "amendment_window.mustache", "next_review_date.mustache", "plan_ended_agencies.mustache",
    "plan_ended_parents.mustache", "plan_ended_by_social_worker.mustache", "death_letter.mustache",
    "left_country_letter.mustache", "invitation_pack.mustache", "conference_invitation.mustache",
    "cla_invitation_consultation.mustache", "report_ready.mustache", "move_in_notice.mustache",
    "meeting_changed.mustache", "invitation_withdrawn.mustache", "meeting_for_calendar.mustache",
].map { .embedInCode("Templates/en/default/\($0)") }

let package = Package(
    name: "quorate",
    products: [
        .executable(name: "scheduling", targets: ["Scheduling"]),
        .executable(name: "notifications", targets: ["Notifications"]),
        .executable(name: "reporting", targets: ["Reporting"]),
        .executable(name: "auditing", targets: ["Auditing"]),
        .executable(name: "quorate", targets: ["Quorate"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // C libraries: a module map and a shim, nothing else.
        .systemLibrary(
            name: "CLibrdkafka", path: "Shared/CLibrdkafka", pkgConfig: "rdkafka", providers: [.apt(["librdkafka-dev"])]
        ),
        .systemLibrary(name: "CLibpq", path: "Shared/CLibpq", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(
            name: "CLibcurl", path: "Shared/CLibcurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]
        ),
        .systemLibrary(
            name: "CLibxlsxwriter", path: "Shared/CLibxlsxwriter", pkgConfig: "xlsxwriter",
            providers: [.apt(["libxlsxwriter-dev"])]),
        .systemLibrary(name: "CSyncfs", path: "Shared/CSyncfs"),

        // The domain: days, calendar, policies, facts, rules, assessment. No I/O.
        .target(
            name: "StatutoryRules",
            dependencies: [.product(name: "Yams", package: "Yams"), .product(name: "Crypto", package: "swift-crypto")],
            path: "Shared/StatutoryRules",
            resources: [
                .embedInCode("Policies/defaults.yaml"), .embedInCode("Policies/england.yaml"),
                .embedInCode("Policies/london.yaml"), .embedInCode("Policies/lincolnshire.yaml"),
                .embedInCode("Policies/note-002.yaml"), .embedInCode("Policies/swindon.yaml"),
                .embedInCode("Policies/knowsley.yaml"), .embedInCode("Rules/rulebook.tsv"),
                .embedInCode("Configuration/bank-holidays.yaml"), .embedInCode("Configuration/authorities.yaml"),
                .embedInCode("Configuration/retention.yaml"),
            ],
            swiftSettings: strict),
        // The wire contract.
        .target(
            name: "CaseEvents",
            dependencies: ["StatutoryRules", .product(name: "Crypto", package: "swift-crypto")],
            path: "Shared/CaseEvents", swiftSettings: strict),
        .target(name: "Kafka", dependencies: ["CLibrdkafka"], path: "Shared/Kafka", swiftSettings: strict),
        .target(name: "Postgres", dependencies: ["CLibpq"], path: "Shared/Postgres", swiftSettings: strict),
        // The embedded default: a private PostgreSQL cluster and librdkafka's in-memory broker.
        .target(
            name: "Embedded", dependencies: ["Kafka", "Postgres", "CLibrdkafka"], path: "Shared/Embedded",
            swiftSettings: strict),
        // Who is told, and in which words. No I/O but the folder of an authority's own texts.
        .target(
            name: "Correspondence",
            dependencies: ["CaseEvents", "StatutoryRules", .product(name: "Mustache", package: "swift-mustache")],
            path: "Shared/Correspondence",
            resources: texts,
            swiftSettings: strict),
        // HTTP requests, by libcurl.
        .target(name: "WebClient", dependencies: ["CLibcurl"], path: "Shared/WebClient", swiftSettings: strict),
        // RFC 6962 trees.
        .target(
            name: "TransparencyLog", dependencies: [.product(name: "Crypto", package: "swift-crypto")],
            path: "Shared/TransparencyLog", swiftSettings: strict),
        // The audit log as it is kept: seals and their keys, verification, checkpoints, bundles.
        .target(
            name: "AuditLog",
            dependencies: ["Kafka", "Postgres", "TransparencyLog", .product(name: "Crypto", package: "swift-crypto")],
            path: "Shared/AuditLog",
            resources: [.embedInCode("Migrations/keys_0001.sql"), .embedInCode("Migrations/keys_0002.sql")],
            swiftSettings: strict),
        // The loop, outbox, quarantine, migrations, settings, metrics.
        .target(
            name: "Workers",
            dependencies: [
                "Kafka", "Postgres", "CaseEvents", "StatutoryRules",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Shared/Workers",
            resources: migrations,
            swiftSettings: strict),
        // A worker as a process: health port, signals. Apart, so that nothing else waits for an HTTP server to be built.
        .target(
            name: "WorkerProcess",
            dependencies: [
                "Workers",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Shared/WorkerProcess", swiftSettings: strict),

        .executableTarget(
            name: "Scheduling", dependencies: ["Workers", "WorkerProcess"], path: "Services/Scheduling",
            exclude: ["README.md"],
            swiftSettings: strict),
        .executableTarget(
            name: "Notifications",
            dependencies: [
                "Workers", "WorkerProcess", "CLibcurl", "CSyncfs", "Correspondence", "WebClient",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            path: "Services/Notifications", exclude: ["README.md"],
            swiftSettings: strict),
        // Reporting, by what needs no HTTP server, so that its tests do not wait for one, and the worker with its board.
        .target(
            name: "ReadModels", dependencies: ["Workers"], path: "Services/Reporting/ReadModels", swiftSettings: strict),
        .target(
            name: "RecurringLists",
            dependencies: ["Workers", "CLibxlsxwriter", .product(name: "Mustache", package: "swift-mustache")],
            path: "Services/Reporting/Lists", resources: [.embedInCode("Templates/list.mustache")],
            swiftSettings: strict),
        .target(
            name: "Board",
            dependencies: [
                "CaseEvents", "Postgres", "StatutoryRules", "WebClient", "Workers",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "Hummingbird", package: "hummingbird"), .product(name: "Logging", package: "swift-log"),
                .product(name: "Mustache", package: "swift-mustache"),
            ],
            path: "Services/Reporting/Board",
            resources: [
                .embedInCode("Templates/layout.mustache"), .embedInCode("Templates/choice.mustache"),
                .embedInCode("Templates/overview.mustache"), .embedInCode("Templates/due.mustache"),
                .embedInCode("Templates/escalations.mustache"),
                .embedInCode("Templates/record.mustache"), .embedInCode("Templates/lists.mustache"),
                .embedInCode("Templates/list.mustache"), .embedInCode("Templates/measure.mustache"),
                .embedInCode("Templates/message.mustache"), .embedInCode("Templates/board.css"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "Reporting", dependencies: ["Board", "ReadModels", "RecurringLists", "Workers", "WorkerProcess"],
            path: "Services/Reporting/Worker", swiftSettings: strict),
        .executableTarget(
            name: "Auditing",
            dependencies: ["AuditLog", "CLibcurl", "TransparencyLog", "Workers", "WorkerProcess"],
            path: "Services/Auditing", exclude: ["README.md"], swiftSettings: strict),
        .executableTarget(
            name: "Quorate", dependencies: ["AuditLog", "Correspondence", "Workers", "Embedded", "TransparencyLog"],
            path: "Services/Quorate", exclude: ["README.md"], resources: [.embedInCode("Rules/record-keeping.tsv")],
            swiftSettings: strict),

        // A folder with a file .needs-server is left out of `make check`.
        .testTarget(
            name: "StatutoryRulesTests", dependencies: ["StatutoryRules"], path: "Tests/StatutoryRulesTests",
            swiftSettings: strict),
        .testTarget(
            name: "ConformanceTests",
            dependencies: ["CaseEvents", "StatutoryRules", .product(name: "Yams", package: "Yams")],
            path: "Tests/Conformance", exclude: ["cases", "calendar_check.py"], swiftSettings: strict),
        .testTarget(
            name: "CaseEventsTests", dependencies: ["CaseEvents", "StatutoryRules"], path: "Tests/CaseEventsTests",
            exclude: ["Fixtures"], swiftSettings: strict),
        .testTarget(
            name: "CorrespondenceTests", dependencies: ["Correspondence", "CaseEvents", "StatutoryRules"],
            path: "Tests/CorrespondenceTests", exclude: ["Golden"], swiftSettings: strict),
        .testTarget(
            name: "TransparencyLogTests", dependencies: ["TransparencyLog"], path: "Tests/TransparencyLogTests",
            swiftSettings: strict),
        .testTarget(
            name: "AuditLogTests",
            dependencies: [
                "AuditLog", "TransparencyLog", "TestSupport", .product(name: "Crypto", package: "swift-crypto"),
            ],
            path: "Tests/AuditLogTests", exclude: ["Vectors"], swiftSettings: strict),
        .testTarget(
            name: "WorkersTests", dependencies: ["Workers", "CaseEvents", "Kafka", "Postgres"],
            path: "Tests/WorkersTests",
            swiftSettings: strict),
        .testTarget(
            name: "PostgresTests", dependencies: ["Postgres", "Embedded"], path: "Tests/PostgresTests",
            swiftSettings: strict),
        .testTarget(
            name: "KafkaTests", dependencies: ["Kafka", "Embedded"], path: "Tests/KafkaTests",
            swiftSettings: strict),
        .testTarget(
            name: "EmbeddedTests", dependencies: ["Embedded", "Kafka", "Postgres"], path: "Tests/EmbeddedTests",
            swiftSettings: strict),
        // A system for one test: database, broker and workers as processes.
        .target(
            name: "TestSupport",
            dependencies: ["AuditLog", "CaseEvents", "Embedded", "Kafka", "Postgres", "TransparencyLog", "Workers"],
            path: "Tests/Support", swiftSettings: strict),
        .testTarget(
            name: "QuorateTests", dependencies: ["Quorate", "TestSupport", "CaseEvents", "StatutoryRules"],
            path: "Tests/QuorateTests", exclude: ["check_generated.py"], swiftSettings: strict),
        .testTarget(
            name: "ReportingTests", dependencies: ["ReadModels", "RecurringLists", "StatutoryRules"],
            path: "Tests/ReportingTests",
            swiftSettings: strict),
        .testTarget(
            name: "AccessibilityTests",
            dependencies: ["CaseEvents", "RecurringLists", "StatutoryRules", "TestSupport", "Workers"],
            path: "Tests/AccessibilityTests", exclude: ["check_pages.py"], swiftSettings: strict),
        .testTarget(
            name: "SystemTests",
            dependencies: [
                "AuditLog", "Board", "TestSupport", "CaseEvents", "Embedded", "Kafka", "Postgres", "ReadModels",
                "RecurringLists", "StatutoryRules", "TransparencyLog", "Workers",
            ],
            path: "Tests/SystemTests", exclude: ["Board", "Fixtures", "Recompute", "Servers"], swiftSettings: strict),
        .testTarget(
            name: "FaultTests",
            dependencies: ["AuditLog", "TestSupport", "CaseEvents", "Embedded", "Kafka", "Postgres", "Workers"],
            path: "Tests/FaultTests", swiftSettings: strict),
    ]
)

// `make check` builds no more than it runs.
if Context.environment["QUORATE_NO_SERVERS"] == "1" {
    package.targets.removeAll { target in
        let mark = "\(Context.packageDirectory)/\(target.path ?? "")/.needs-server"
        return target.type == .test && FileManager.default.fileExists(atPath: mark)
    }
}

// libFuzzer brings a main of its own, so that only `make fuzz` builds this.
if Context.environment["QUORATE_FUZZ"] == "1" {
    package.products.append(.executable(name: "fuzz", targets: ["Fuzz"]))
    package.targets.append(
        .executableTarget(name: "Fuzz", dependencies: ["CaseEvents", "StatutoryRules"], path: "Tests/Fuzz"))
}
