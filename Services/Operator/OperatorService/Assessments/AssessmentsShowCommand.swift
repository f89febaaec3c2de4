import ArgumentParser
import Casework
import CaseworkStore
import PostgresClient

struct AssessmentsShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows an assessment as it was recorded.",
        discussion: "Example:\n\n  dandelion assessments show 2026-legal-aid")

    @Argument(help: "The assessment's reference.")
    var reference: String
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let found = try await self.database.withPool {
            try await AssessmentStore().list(reference: self.reference, on: $0)
        }
        guard let report = found.first.map(AssessmentReport.init) else {
            throw AssessmentsCommand.unknown(self.reference)
        }
        try self.output.show(report) { Self.text(report) }
    }

    static func text(_ report: AssessmentReport) -> String {
        let one = report.assessment
        var lines = [
            "\(one.reference): \(one.title)",
            "\(one.outcome.rawValue), risk \(one.risk.rawValue), assessed \(one.assessedOn) by \(one.assessedBy)"
                + (one.validUntil.map { ", valid until \($0)" } ?? ""),
            "document: \(one.document)" + (one.documentSHA256.map { " (SHA-256 \($0))" } ?? ""),
        ]
        if let processing = one.processing { lines.append("processing: \(processing)") }
        var fields: [String: [RuleDisclosure]] = [:]
        for disclosure in one.disclosures {
            fields["\(disclosure.profile): \(disclosure.fields.joined(separator: ", "))", default: []].append(
                disclosure)
        }
        for (what, disclosures) in fields.sorted(by: { $0.key < $1.key }) {
            lines.append("discloses \(what)")
            lines += disclosures.map { "  to \($0.agencyKind.chinese)（\($0.purpose.chinese)）" }
        }
        lines += ["lawfulness: \(one.lawfulness)", "necessity: \(one.necessity)", "impact: \(one.impact)"]
        if !one.measures.isEmpty { lines += ["measures:"] + one.measures.map { "  \($0)" } }
        lines.append(
            "recorded \(BeijingTime.full(report.recordedAt)) by \(report.recordedBy), SHA-256 \(report.checksum)")
        lines.append(
            "kept until \(BeijingTime.full(report.keptUntil)) at least"
                + (report.holds.isEmpty ? "" : ", held: \(report.holds.map(\.rawValue).joined(separator: ", "))"))
        return lines.map(\.printable).joined(separator: "\n")
    }
}
