public import ArgumentParser
import Glibc

/// `dandelion`: what operators do with the network from a terminal or a script.
public struct DandelionCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "dandelion",
        abstract: "Sets up and watches the network behind 12338.",
        discussion: """
            The database is named by --database or by DANDELION_DATABASE (or DANDELION_DATABASE_FILE, a file that \
            holds it), as a libpq connection string. Tables are for people; --json is for scripts.

            Examples:

              dandelion migrate
              dandelion divisions import deploy/data/divisions.csv
              dandelion agency list --division 150104
              dandelion case show C-7K2M-0QX9 --follow
              dandelion doctor

            Exit status: 0 done, 1 a check failed or a difference was found, 64 usage, 65 bad data, 69 something is \
            unavailable, 70 internal error, 75 run `dandelion migrate` first, 78 configuration.
            """,
        subcommands: [
            MigrateCommand.self, DivisionsCommand.self, StationsCommand.self, KeysCommand.self, NetworkCommand.self,
            AgencyCommand.self,
            ClientCommand.self, StaffCommand.self, HolidaysCommand.self, ConsentCommand.self, ClocksCommand.self,
            RulesCommand.self, AssessmentsCommand.self,
            EventsCommand.self, CaseCommand.self, NotifyCommand.self, LedgerCommand.self,
            JobsCommand.self, QueuesCommand.self, WorkersCommand.self, PeriodicCommand.self, DoctorCommand.self,
            DemoCommand.self,
            BenchCommand.self,
        ])

    public init() {}

    /// Parses the command line, runs the command and ends the process with its exit status.
    public static func start() async -> Never {
        signal(SIGPIPE, SIG_IGN)
        do {
            try await self.parseAndRun()
        } catch let failure as CommandFailure {
            Terminal.complain(failure.reason)
            Glibc.exit(failure.status.rawValue)
        } catch {
            self.exit(withError: error)
        }
        Glibc.exit(0)
    }

    /// - Throws: `CommandFailure`, or what the parser ends with.
    private static func parseAndRun() async throws {
        let parsed = try await self.asyncParseAsRoot(nil)
        guard var command = parsed as? any AsyncParsableCommand else {
            var command = parsed
            return try command.run()
        }
        do {
            try await command.run()
        } catch let help as CleanExit {
            throw help
        } catch {
            throw CommandFailure(error)
        }
    }
}
