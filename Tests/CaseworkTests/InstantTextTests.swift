import Foundation
import Testing

@testable import Casework

@Suite struct InstantTextTests {
    @Test(arguments: [
        ("2026-12-31T18:00:00+08:00", 1_798_711_200.0), ("2026-12-31T10:00:00Z", 1_798_711_200),
        ("2026-12-31t04:30:00-05:30", 1_798_711_200), ("2026-12-31T10:00:00.250Z", 1_798_711_200.25),
        ("1970-01-01T00:00:00Z", 0), ("2024-02-29T23:59:59Z", 1_709_251_199),
    ])
    func whatRFC3339Writes(_ text: String, _ seconds: Double) {
        #expect(InstantText.read(text) == Date(timeIntervalSince1970: seconds))
    }

    @Test(arguments: [
        "", "2026-12-31", "2026-12-31T18:00:00", "2026-12-31T18:00Z", "2026-12-31 18:00:00Z", "2026-02-29T18:00:00Z",
        "2026-12-31T24:00:00Z", "2026-12-31T18:60:00Z", "2026-12-31T18:00:60Z", "2026-12-31T18:00:00+0800",
        "2026-12-31T18:00:00.Z", "2026-12-31T18:00:00.1234567890Z", "2026-12-31T18:00:00+08:00 ",
        "2026-12-31T1８:00:00Z",
        "2026-12-31T18:00:00+25:00", "２026-12-31T18:00:00Z",
    ])
    func anythingElseIsNoMoment(_ text: String) {
        #expect(InstantText.read(text) == nil)
    }

    @Test func whatIsWrittenIsRead() {
        let now = Date(timeIntervalSince1970: 1_798_711_261)
        #expect(InstantText.read(now.formatted(.iso8601)) == now)
    }
}
