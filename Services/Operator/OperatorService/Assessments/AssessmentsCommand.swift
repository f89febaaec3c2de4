import ArgumentParser
import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import Safeguarding

struct AssessmentsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "assessments",
        abstract: "Impact assessments 个人信息保护影响评估: what may be disclosed to whom, and why.",
        subcommands: [AssessmentsRecordCommand.self, List.self, AssessmentsShowCommand.self, Hold.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Lists the assessments, newest first.",
            discussion: "Example:\n\n  dandelion assessments list")

        @OptionGroup var database: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let rows = try await self.database.withPool { try await AssessmentStore().list(on: $0) }
                .map(AssessmentReport.init)
            try self.output.show(rows) {
                var table = TextTable([
                    "reference", "title", "outcome", "risk", "assessed", "covers", "kept until", "held",
                ])
                for row in rows {
                    let one = row.assessment
                    table.add([
                        one.reference, one.title, one.outcome.rawValue, one.risk.rawValue, "\(one.assessedOn)",
                        one.disclosures.isEmpty ? "a processing" : "\(one.disclosures.count) disclosures",
                        BeijingTime.full(row.keptUntil), row.holds.map(\.rawValue).joined(separator: ", "),
                    ])
                }
                return table.text(empty: "no assessments; run `dandelion assessments record`")
            }
        }
    }

    struct Hold: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "hold", abstract: "Keeps an assessment beyond its time, or no longer.",
            discussion: """
                Assessments are kept for three years at least, and for as long as the rules in force disclose what they \
                speak of. While one is held, it is not deleted after that either.

                Examples:

                  dandelion assessments hold 2026-legal-aid --reason complaint
                  dandelion assessments hold 2026-legal-aid --reason complaint --release
                """)

        @Argument(help: "The assessment's reference.")
        var reference: String
        @Option(help: "Why: lawsuit, criminal_case, complaint or audit.")
        var reason: String
        @Flag(help: "Do not hold it for this reason any more.")
        var release = false
        @OptionGroup var database: DatabaseOptions

        func validate() throws {
            guard AssessmentHold(rawValue: self.reason) != nil else {
                throw ValidationError("--reason must be lawsuit, criminal_case, complaint or audit.")
            }
        }

        func run() async throws {
            guard let reason = AssessmentHold(rawValue: self.reason) else { return }
            let isThere: Bool
            do {
                isThere = try await self.database.withPool { pool in
                    try await AssessmentStore().setHold(reason, stands: !self.release, on: self.reference, on: pool)
                }
            } catch let error as CaseworkError where error.code == .alreadySo {
                throw CommandFailure(
                    .badData,
                    "\(self.reference.printable) is \(self.release ? "not held" : "held already") for this reason")
            }
            guard isThere else { throw AssessmentsCommand.unknown(self.reference) }
            Terminal.line("\(self.reference) is \(self.release ? "held for this reason no more" : "held")")
        }
    }

    static func unknown(_ reference: String) -> CommandFailure {
        CommandFailure(
            .badData, "there is no assessment \(reference.printable); see `dandelion assessments list`")
    }
}

/// An assessment as the commands show it.
struct AssessmentReport: Encodable {
    let assessment: ImpactAssessment
    let recordedAt: Date
    let recordedBy: String
    let keptUntil: Date
    let holds: [AssessmentHold]
    /// The SHA-256 of what was recorded.
    let checksum: String

    init(_ recorded: RecordedAssessment) {
        self.assessment = recorded.assessment
        self.recordedAt = recorded.recordedAt
        self.recordedBy = recorded.recordedBy
        self.keptUntil = recorded.keptUntil
        self.holds = recorded.holds
        self.checksum = recorded.checksum.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
