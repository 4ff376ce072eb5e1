import Foundation
import StatutoryRules
import Testing

@Suite("Days, London, working days")
struct TimeTests {
    @Test(arguments: [
        ("2026-11-30", 3, "2027-02-28"), ("2027-11-30", 3, "2028-02-29"), ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"), ("2026-08-31", 6, "2027-02-28"), ("2026-12-31", -10, "2026-02-28"),
        ("2026-01-31", 1, "2026-02-28"), ("2026-03-31", -1, "2026-02-28"), ("2026-05-15", 0, "2026-05-15"),
        ("1999-12-31", 2, "2000-02-29"), ("2099-12-31", 2, "2100-02-28"),
    ])
    func monthsClampToTheirEnd(_ from: String, _ months: Int, _ expected: String) {
        #expect(day(from).adding(months: months).description == expected)
    }

    @Test func daysAreTheCalendars() {
        var utc = Calendar(identifier: .gregorian)
        utc.timeZone = TimeZone(identifier: "UTC")!
        for number in stride(from: day("1900-01-01").number, through: day("2199-12-31").number, by: 17) {
            let parts = utc.dateComponents(
                [.year, .month, .day, .weekday], from: Date(timeIntervalSince1970: Double(number) * 86_400))
            let found = Day(number: number)
            #expect(found.year == parts.year! && found.month == parts.month! && found.dayOfMonth == parts.day!)
            #expect((found.weekday.rawValue + 1) % 7 == parts.weekday! - 1)
            #expect(Day(found.description) == found)
        }
    }

    @Test(arguments: [
        "2026-02-29", "2026-13-01", "1899-12-31", "2200-01-01", "2026-1-01", "26-01-01", "2026-01-01Z", "",
    ])
    func whatIsNoDateIsRefused(_ text: String) { #expect(Day(text) == nil) }

    @Test(arguments: [
        "2026-01-01T00:00:00", "2026-01-01T24:00:00Z", "2026-12-31T23:59:60Z", "2026-01-01T00:00:00.Z",
        "2026-01-01 00:00:00Z", "2026-01-01T00:00:00+01", "2026-01-01T00:00:00.1234567890Z",
    ])
    func whatIsNoInstantIsRefused(_ text: String) { #expect(Instant(text) == nil) }

    @Test func londonIsTheZoneData() {
        let zone = TimeZone(identifier: "Europe/London")!
        func check(_ seconds: Int64) {
            let instant = Instant(microseconds: seconds * 1_000_000)
            let expected = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))) / 60
            #expect(London.offsetMinutes(at: instant) == expected, "\(instant)")
        }
        let first = Int64(day("1996-01-01").number) * 86_400
        let last = Int64(day("2037-12-31").number) * 86_400
        for seconds in stride(from: first, to: last, by: 6 * 3600 + 600) { check(seconds) }
        var change = zone.nextDaylightSavingTimeTransition(after: Date(timeIntervalSince1970: Double(first)))
        while let at = change, at.timeIntervalSince1970 < Double(last) {
            for offset in [-1, 0, 1] as [Int64] { check(Int64(at.timeIntervalSince1970) + offset) }
            change = zone.nextDaylightSavingTimeTransition(after: at)
        }
    }

    @Test func aClockTimeIsFoundAgain() {
        for number in day("2026-01-01").number...day("2027-12-31").number {
            let instant = London.instant(on: Day(number: number), hour: 9)
            #expect(London.day(of: instant).number == number)
            #expect(London.clock(at: instant) == (9, 0))
        }
        #expect(London.start(of: day("2026-07-01")) == at("2026-06-30T23:00:00Z"))
        #expect(London.end(of: day("2026-01-31")) == at("2026-01-31T23:59:59.999999Z"))
    }

    @Test func workingDaysAreThoseOfAnIndependentCount() throws {
        let calendar = Configuration.packaged.calendar
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", folder.appendingPathComponent("Conformance/calendar_check.py").path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let lines = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self).split(
            separator: "\n")
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(lines.count > 30_000)
        for line in lines {
            let words = line.split(separator: " ").map(String.init)
            let counted = calendar.adding(workingDays: Int(words[1])!, to: day(words[0]))
            #expect(counted?.day.description ?? "none" == words[2], "\(line)")
            #expect(counted?.skipped.count ?? 0 == Int(words[3])!, "\(line)")
        }
    }

    @Test func aHolidayCountsOnlyIfAnnouncedInTime() {
        // Monday 19 September 2022, announced on Saturday 10 September.
        let calendar = Configuration.packaged.calendar
        func due(_ from: String, _ count: Int, met: String? = nil) -> String? {
            calendar.adding(workingDays: count, to: day(from), knownBy: met.map(day))?.day.description
        }
        #expect(due("2022-09-01", 15) == "2022-09-23")
        #expect(due("2022-09-01", 15, met: "2022-09-09") == "2022-09-22")
        #expect(due("2022-09-01", 15, met: "2022-09-10") == "2022-09-23")
        // Announced after the day on which it would have been due.
        let late = WorkingCalendar(holidays: [
            WorkingCalendar.Holiday(day: day("2026-01-01")),
            WorkingCalendar.Holiday(day: day("2026-06-10"), announcedOn: day("2026-06-12")),
        ])
        #expect(late.adding(workingDays: 3, to: day("2026-06-08"))?.day == day("2026-06-11"))
        #expect(late.adding(workingDays: 4, to: day("2026-06-08"))?.day == day("2026-06-15"))
        #expect(late.adding(workingDays: -3, to: day("2026-06-16"))?.day == day("2026-06-11"))
        #expect(late.adding(workingDays: -4, to: day("2026-06-16"))?.day == day("2026-06-10"))
    }

    @Test func beyondTheHorizonNothingIsCounted() {
        let calendar = Configuration.packaged.calendar
        #expect(calendar.horizon == day("2028-12-31"))
        #expect(calendar.adding(workingDays: 1, to: day("2028-12-29")) == nil)
        #expect(calendar.adding(workingDays: 1, to: day("2028-12-28"))?.day == day("2028-12-29"))
        #expect(calendar.adding(workingDays: 1, to: day("2011-12-30")) == nil)
        #expect(calendar.adding(workingDays: -1, to: day("2012-01-03")) == nil)
        // Weekends only, for what judges nothing.
        #expect(calendar.previousWorkingDay(onOrBefore: day("2029-01-01")) == day("2029-01-01"))
        #expect(calendar.previousWorkingDay(onOrBefore: day("2029-01-06")) == day("2029-01-05"))
    }
}
