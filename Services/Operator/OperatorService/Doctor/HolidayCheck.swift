import Casework
import FoundationEssentials

/// Whether working-day clocks know the holidays, of this year and, once they are announced, the next.
enum HolidayCheck {
    static func finding(path: String?, now: Date) -> Finding {
        guard let path else {
            return .warning(
                "holidays", "not looked at: without a file working days are weekdays",
                "set DANDELION_HOLIDAYS_FILE here as for routing, or name the file with --holidays")
        }
        do {
            return self.finding(csv: try TextFile.read(path), path: path, now: now)
        } catch {
            return .failed("holidays", "\(error)", "correct the path")
        }
    }

    static func finding(csv text: String, path: String, now: Date) -> Finding {
        do throws(DataFileError) {
            let missing = try HolidayCalendar.complete(csv: text).missingYears(at: now)
            guard !missing.isEmpty else { return .ok("holidays", "\(path) has every year that is announced") }
            return .warning(
                "holidays", "\(path) lacks \(missing.map { "\($0)" }.joined(separator: ", "))",
                "add the State Council's announcement; until then working days of that year are weekdays")
        } catch {
            return .failed("holidays", "\(path): \(error)", "correct the file; routing does not start with it")
        }
    }
}
