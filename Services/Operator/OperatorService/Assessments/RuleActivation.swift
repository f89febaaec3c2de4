import Casework
import CaseworkStore
import Crypto
import PostgresClient
import Safeguarding

/// The one way in which rules come into force: what they disclose has been assessed, or they stay out.
enum RuleActivation {
    /// The remedy, in every refusal and hint.
    static let remedy = "record an impact assessment with `dandelion assessments record FILE`"

    /// Puts a file's rules in force.
    /// - Throws: `CommandFailure` that names what was not assessed; nothing has changed then.
    static func activate(_ file: RuleFile, on pool: PostgresPool) async throws -> Int64 {
        let disclosures = try file.rules.disclosures()
        return try await self.refusing(disclosures, of: file.rules, on: pool) {
            try await RuleSetStore().activate(
                yaml: file.text, checksum: Array(SHA256.hash(data: Array(file.text.utf8))), disclosures: disclosures,
                on: pool)
        }
    }

    /// Puts a draft in force; `nil` when there is none of that number.
    static func activate(draft: Int64, _ rules: RuleSet, on pool: PostgresPool) async throws -> Int64? {
        let disclosures = try rules.disclosures()
        return try await self.refusing(disclosures, of: rules, on: pool) {
            try await RuleDraftStore().activate(draft, disclosures: disclosures, on: pool)
        }
    }

    /// What of the rules may not be put in force as things stand.
    static func obstacles(_ rules: RuleSet, on pool: PostgresPool) async throws -> [AssessedDisclosure] {
        try await AssessmentStore().assess(try rules.disclosures(), on: pool).filter { $0.obstacle != nil }
    }

    /// `legal_aid_centre for legal_aid (profile legal_aid) is new`.
    static func line(_ assessed: AssessedDisclosure) -> String {
        let what =
            switch assessed.obstacle {
            case .new: "is new and was not assessed"
            case .widened: "is wider than what is in force and was not assessed"
            case .lapsed: "was approved, and the approval has run out"
            case .refused: "was refused by an assessment"
            case nil where assessed.isLapsed: "goes on, and its approval has run out"
            case nil: "is assessed"
            }
        return "\(assessed.disclosure) \(what)"
    }

    private static func refusing<Value>(
        _ disclosures: [RuleDisclosure], of rules: RuleSet, on pool: PostgresPool, _ activate: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await activate()
        } catch let error as CaseworkError where error.code == .notAssessed {
            let lines = try await AssessmentStore().assess(disclosures, on: pool).filter { $0.obstacle != nil }
                .map(Self.line)
            throw CommandFailure(
                .badData,
                "rules \(rules.version.printable) are not put in force, what was in force stays: "
                    + "\(lines.joined(separator: ", ")); \(Self.remedy)")
        }
    }
}
