import ArgumentParser
import Casework
import CaseworkStore
import PostgresClient
import Safeguarding

struct AssessmentsRecordCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record", abstract: "Records the impact assessments of a file, for good.",
        discussion: """
            The file (YAML) lists under assessments: reference, subject (disclosure or processing), title, discloses \
            (profile, fields, to: agency_kinds and purposes) or processing, assessed_by, assessed_on, valid_until, \
            lawfulness, necessity, impact, risk (low, medium, high), measures, outcome (approved, refused), document, \
            document_sha256. It names no person. All or nothing is recorded. What is recorded cannot be changed: who \
            assesses anew gives a new reference, and the later one counts. Rules that disclose something new are put \
            in force only once it is approved here.

            Example:

              dandelion assessments record deploy/rules/assessments.yaml
            """)

    @Argument(help: "The file of assessments.")
    var file: String
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    private struct Report: Encodable {
        let assessments: Int
        let recorded: Int
    }

    func run() async throws {
        let entries = try Self.read(self.file)
        let recorded = try await self.database.withPool { pool in
            try await pool.withTransaction("record_assessments") { transaction in
                var recorded = 0
                for entry in entries {
                    do {
                        recorded += try await AssessmentStore().record(entry, on: transaction) ? 1 : 0
                    } catch let error as CaseworkError where error.code == .notPossible {
                        throw CommandFailure(
                            .badData,
                            "\(self.file): reference: \(entry.reference) was recorded with other words; what was "
                                + "recorded stays, give the new assessment a new reference")
                    }
                }
                return recorded
            }
        }
        try self.output.show(Report(assessments: entries.count, recorded: recorded)) {
            "\(entries.count) assessments, \(recorded) recorded"
        }
    }

    static func read(_ path: String) throws(CommandFailure) -> [ImpactAssessment] {
        let text = try TextFile.read(path)
        do throws(RuleSetError) {
            return try AssessmentFile(yaml: text, fields: DisclosureField.disclosableNames).entries
        } catch {
            throw CommandFailure(.badData, error.problems.map { "\(path): \($0)" }.joined(separator: "\n"))
        }
    }
}
