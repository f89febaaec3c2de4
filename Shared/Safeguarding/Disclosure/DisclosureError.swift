public import PostgresClient

/// What the ledger refuses. Everything else that can go wrong in the database is a `PostgresError`.
public enum DisclosureError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Somebody tried to change or remove a record (SQLSTATE DC100).
    case appendOnly
    /// No record allows this disclosure: there is none, it is about another referral or agency, or the same transaction
    /// wrote it (SQLSTATE DC101).
    case notRecorded
    /// The agency has no sealed package for this referral (SQLSTATE DC102).
    case noPackage
    /// The record names other fields than the package holds; record the disclosure again (SQLSTATE DC103).
    case recordDoesNotCover

    /// What was refused.
    public var description: String {
        switch self {
        case .appendOnly: "the disclosure ledger is append-only"
        case .notRecorded: "no committed record in the disclosure ledger allows this disclosure"
        case .noPackage: "the agency has no sealed package for this referral"
        case .recordDoesNotCover: "the record in the disclosure ledger is not about what the package holds now"
        }
    }

    /// The ledger's own refusal in a database error, if it is one. The stores map what their statements throw; what was
    /// posted comes up elsewhere in the transaction, and whoever runs that asks here.
    public init?(_ error: PostgresError) {
        switch error.sqlState {
        case "DC100": self = .appendOnly
        case "DC101": self = .notRecorded
        case "DC102": self = .noPackage
        case "DC103": self = .recordDoesNotCover
        default: return nil
        }
    }

    /// Runs a function of the schema; its refusals become `DisclosureError`.
    static func run(
        _ statement: Statement, on executor: some PostgresExecutor, _ parameters: [(any PostgresEncodable)?]
    ) async throws -> PostgresRows {
        do throws(PostgresError) {
            return try await executor.execute(statement, parameters: parameters)
        } catch {
            if let refusal = DisclosureError(error) {
                throw refusal
            }
            throw error
        }
    }
}
