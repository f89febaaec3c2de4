import ArgumentParser
import Casework
import FoundationEssentials

/// Reads scenario files.
enum ScenarioFile {
    static func scenario(_ text: String, path: String) throws(CommandFailure) -> RuleScenario {
        do throws(RuleSetError) {
            return try RuleScenario(yaml: text)
        } catch {
            throw CommandFailure(.badData, error.problems.map { "\(path): \($0)" }.joined(separator: "\n"))
        }
    }
}

/// The network that cases are decided in without a database.
struct ScenarioNetworkOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Agencies (YAML); may be repeated.", valueName: "file"))
    var agencies: [String] = []
    @Option(help: ArgumentHelp("Divisions (CSV); may be repeated.", valueName: "file"))
    var divisions: [String] = []
    @Option(help: ArgumentHelp("Holidays (CSV).", valueName: "file"))
    var holidays = "deploy/data/holidays.csv"

    func read() throws(CommandFailure) -> ScenarioNetwork {
        let (tree, calendar) = (try self.tree(), try self.calendar())
        var files: [AgencyFile] = []
        for path in self.agencies {
            let text = try TextFile.read(path)
            do throws(RuleSetError) {
                files.append(try AgencyFile(yaml: text))
            } catch {
                throw CommandFailure(.badData, error.problems.map { "\(path): \($0)" }.joined(separator: "\n"))
            }
        }
        do throws(RuleSetError) {
            let entries = try AgencyFile.agencies(of: files, in: tree)
            return ScenarioNetwork(
                directory: AgencyDirectory(
                    entries.map { $0.agency(id: UUID()) }, alliances: files.flatMap(\.alliances), calendar: calendar),
                calendar: calendar)
        } catch {
            throw CommandFailure(.badData, error.description)
        }
    }

    private func tree() throws(CommandFailure) -> DivisionTree {
        let texts = try self.divisions.map { path throws(CommandFailure) in try TextFile.read(path) }
        do throws(DataFileError) {
            return try DivisionTree(csv: texts)
        } catch {
            throw CommandFailure(.badData, "\(self.divisions.joined(separator: ", ")): \(error)")
        }
    }

    private func calendar() throws(CommandFailure) -> HolidayCalendar {
        let text = try TextFile.read(self.holidays)
        do throws(DataFileError) {
            return try HolidayCalendar(csv: text)
        } catch {
            throw CommandFailure(.badData, "\(self.holidays): \(error)")
        }
    }
}
