import Casework
import Foundation
import Logging
import NIOConcurrencyHelpers
import Testing

@testable import RoutingService

@Suite struct HolidayWatchTests {
    private struct Handler: LogHandler {
        let warnings: NIOLockedValueBox<[String]>
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { self.metadata[key] }
            set { self.metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            guard event.level == .warning else { return }
            self.warnings.withLockedValue { $0.append("\(event.message) \(event.metadata?["holidays.year"] ?? "")") }
        }
    }

    private func warnings(at now: String) throws -> [String] {
        let calendar = try HolidayCalendar(csv: "date,kind,name\n2026-10-01,holiday,国庆节\n")
        let warnings = NIOLockedValueBox<[String]>([])
        let logger = Logger(label: "test") { _ in Handler(warnings: warnings) }
        HolidayWatch(calendar: calendar, logger: logger).look(at: try Date(now, strategy: .iso8601))
        return warnings.withLockedValue { $0 }
    }

    @Test func aYearThatIsMissingIsSaidWithItsRemedy() throws {
        #expect(try self.warnings(at: "2026-11-30T00:00:00Z").isEmpty)
        let december = try self.warnings(at: "2026-12-01T00:00:00Z")
        #expect(december.count == 1)
        #expect(december.first?.contains("DANDELION_HOLIDAYS_FILE") == true)
        #expect(december.first?.hasSuffix(" 2027") == true)
    }
}
