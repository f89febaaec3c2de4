import AgencyDoors
import ArgumentParser
import Casework
import PostgresClient

/// The public holidays, where the database counts working days itself: at the agencies' SQL door.
struct HolidaysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "holidays", abstract: "Loads the public holidays by which agencies' working days are counted.",
        discussion: """
            The file is that of the services' DANDELION_HOLIDAYS_FILE. All that was loaded before is replaced. Needed where \
            an agency has a login (`dandelion agency login`): its objections have five working days.

            Example:

              dandelion holidays deploy/data/holidays.csv
            """)

    @Argument(help: "The file of holidays (CSV).")
    var file: String
    @OptionGroup var database: DatabaseOptions

    func run() async throws {
        let calendar: HolidayCalendar
        do {
            calendar = try HolidayCalendar.complete(csv: try TextFile.read(self.file))
        } catch let error as DataFileError {
            throw CommandFailure(.badData, "\(self.file): \(error)")
        }
        try await self.database.withPool { try await PartnerLogins().put(calendar, on: $0) }
        Terminal.line("\(calendar.holidays.count) days off and \(calendar.workingWeekends.count) worked weekend days")
    }
}
