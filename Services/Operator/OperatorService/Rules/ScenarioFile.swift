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
        let tree = try self.tree()
        var entries: [AgencyEntry] = []
        var alliances: [Alliance] = []
        for path in self.agencies {
            let text = try TextFile.read(path)
            do throws(RuleSetError) {
                let file = try AgencyFile(yaml: text)
                entries += try file.agencies(in: tree)
                alliances += file.alliances
            } catch {
                throw CommandFailure(.badData, error.problems.map { "\(path): \($0)" }.joined(separator: "\n"))
            }
        }
        return ScenarioNetwork(
            directory: AgencyDirectory(entries.map { $0.agency(id: UUID()) }, alliances: alliances),
            calendar: try self.calendar())
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
