import FoundationEssentials
import Testing

@testable import ServiceKit

@Suite struct RFC3339Tests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0.0), ("2000-02-29T12:00:00Z", 951_825_600),
        ("2026-03-01T09:30:00+08:00", 1_772_328_600),
        ("1969-12-31T23:59:59.500Z", -0.5), ("2026-03-01T01:30:00.25-00:30", 1_772_330_400.25),
        ("0001-01-01T00:00:00Z", -62_135_596_800),
    ])
    func reads(text: String, seconds: Double) {
        #expect(RFC3339.parse(text)?.timeIntervalSince1970 == seconds)
    }

    @Test(arguments: [
        "2026-02-29T00:00:00Z", "2023-02-30T00:00:00Z", "1900-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:60Z", "2026-01-01T00:00:00", "2026-01-01", "2026-01-01 00:00:00Z", "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00+0800", "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00Zx", "", "２026-01-01T00:00:00Z",
    ])
    func refusesWhatIsNotAnInstant(text: String) {
        #expect(RFC3339.parse(text) == nil)
    }

    @Test func writesWithAndWithoutAnOffset() {
        let date = Date(timeIntervalSince1970: 1_772_328_600.5)
        #expect(RFC3339.format(date) == "2026-03-01T01:30:00.500Z")
        #expect(RFC3339.format(date, offsetMinutes: 480) == "2026-03-01T09:30:00.500+08:00")
        #expect(RFC3339.format(date, offsetMinutes: -210) == "2026-02-28T22:00:00.500-03:30")
        #expect(RFC3339.format(Date(timeIntervalSince1970: -0.001)) == "1969-12-31T23:59:59.999Z")
    }

    @Test func daysOfEightCenturiesComeBack() {
        for day in stride(from: -146_097, through: 146_097, by: 11) {
            let date = Date(timeIntervalSince1970: Double(day) * 86_400)
            guard RFC3339.parse(RFC3339.format(date)) == date else {
                Issue.record("day \(day) comes back as another")
                return
            }
        }
    }
}
