import ArgumentParser
import CaseworkStore
import PostgresClient

struct AgencyQuotaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quota", abstract: "Shows or sets how much of an agency's may wait for its answer.",
        discussion: """
            Over its quota a referral is opened all the same, with its hand-over and its clocks, but no package is sealed \
            for it ahead and the owner's desk calls the agency. An emergency asks for no room. What the agency then \
            leases is sealed for it at once.

            Examples:

              dandelion agency quota 150104-police
              dandelion agency quota 150104-police --waiting 200 --megabytes 8
            """)

    @Argument(help: "The agency's code.")
    var code: String
    @Option(help: "So many unanswered referrals, 1 to 100000.")
    var waiting: Int?
    @Option(help: "So much sealed for them, in MiB, 1 to 1048576.")
    var megabytes: Int?
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    private struct Report: Encodable {
        let code: String
        let waiting: Int
        let waitingBytes: Int
        let maximumWaiting: Int
        let maximumWaitingBytes: Int
        let isFull: Bool
    }

    func validate() throws {
        if let waiting, !(1...100_000).contains(waiting) {
            throw ValidationError("--waiting must be from 1 to 100000.")
        }
        if let megabytes, !(1...1_048_576).contains(megabytes) {
            throw ValidationError("--megabytes must be from 1 to 1048576.")
        }
    }

    func run() async throws {
        let backlog = try await self.database.withPool { pool in
            if self.waiting != nil || self.megabytes != nil {
                _ = try await AgencyStore().setQuota(
                    waiting: self.waiting, bytes: self.megabytes.map { $0 * 1_048_576 }, code: self.code, on: pool)
            }
            return try await AgencyStore().backlogs(on: pool)[self.code]
        }
        guard let backlog else {
            throw CommandFailure(.badData, "there is no agency \(self.code.printable); see `dandelion agency list`")
        }
        let report = Report(
            code: self.code, waiting: backlog.waiting, waitingBytes: backlog.bytes,
            maximumWaiting: backlog.maximumWaiting, maximumWaitingBytes: backlog.maximumBytes, isFull: backlog.isFull)
        try self.output.show(report) {
            "\(report.waiting) of \(report.maximumWaiting) wait, "
                + "\(report.waitingBytes / 1024) of \(report.maximumWaitingBytes / 1024) KiB are sealed for them"
                + (report.isFull ? "; staff call for each new one" : "")
        }
    }
}
