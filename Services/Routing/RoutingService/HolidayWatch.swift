import Casework
import FoundationEssentials
import Logging
import ServiceLifecycle

/// Says so in the log, at the start and once a day, when a year's public holidays are missing: working-time clocks then
/// count weekends alone.
struct HolidayWatch: Service {
    let calendar: HolidayCalendar
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                self.look(at: Date())
                try? await Task.sleep(for: .seconds(24 * 3600))  // Cancelled: the loop's condition ends it.
            }
        }
    }

    func look(at now: Date) {
        for year in self.calendar.missingYears(at: now) {
            self.logger.warning(
                "Public holidays not loaded: add the year's announcement to DANDELION_HOLIDAYS_FILE and restart",
                metadata: ["holidays.year": "\(year)"])
        }
    }
}
