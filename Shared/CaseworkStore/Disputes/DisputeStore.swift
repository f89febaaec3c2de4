public import Casework
public import FoundationEssentials
public import PostgresClient

/// Disputes of agencies about who is responsible for one purpose of a case.
public struct DisputeStore: Sendable {
    /// A dispute that is not settled yet.
    public struct Dispute: Sendable, Equatable {
        public let purpose: Purpose
        /// Whose station decides.
        public let division: DivisionCode
        /// The agency the superior named; `nil` until it has.
        public let decided: UUID?
    }

    public init() {}

    /// The division of the nearest agency that is above all of these; `nil` when nobody said which that is.
    public func commonSuperior(of agencies: [UUID], in transaction: PostgresTransaction) async throws -> DivisionCode? {
        try await transaction.call(Self.commonSuperior, [agencies]).first?.word(column: "division_code")
    }

    /// Asks the superior, once while the dispute is open. False when it was asked already.
    public func ask(
        _ division: DivisionCode, about purpose: Purpose, _ agencies: [UUID], of caseID: UUID,
        in transaction: PostgresTransaction
    ) async throws -> Bool {
        try await transaction.callForRow(
            Self.askSuperior, [caseID, purpose.rawValue, division.rawValue, agencies]
        ).decode(Bool.self)
    }

    /// Another division has to decide.
    public func move(
        _ purpose: Purpose, of caseID: UUID, to division: DivisionCode, in transaction: PostgresTransaction
    ) async throws {
        try await transaction.call(Self.moveDispute, [caseID, purpose.rawValue, division.rawValue])
    }

    /// What is not settled yet, decided or not.
    public func open(of caseID: UUID, in transaction: PostgresTransaction) async throws -> [Dispute] {
        try await transaction.call(Self.disputesOf, [caseID]).map { row in
            Dispute(
                purpose: try row.word(column: "purpose"), division: try row.word(column: "division_code"),
                decided: try row.decode(column: "decided_agency_id"))
        }
    }

    /// The superior names the responsible agency by its code. Returns the case.
    /// - Throws: `CaseworkError`: `unknownAgency`, `notPossible` when nothing is disputed, `alreadySo` when it is decided,
    ///   `staffMayNot` when another division decides, and as every action.
    public func decide(
        _ body: DecisionBody, on number: CaseNumber, by actor: CaseActor, in transaction: PostgresTransaction
    ) async throws -> UUID {
        try await transaction.callForRow(
            Self.decideDispute,
            [number.rawValue, actor.client, actor.staff.rawValue, body.purpose.rawValue, body.agencyCode]
        ).decode(UUID.self)
    }

    /// Routing has done what was decided: from here on the agency may not object.
    public func settle(_ purpose: Purpose, of caseID: UUID, in transaction: PostgresTransaction) async throws {
        try await transaction.call(Self.settleDispute, [caseID, purpose.rawValue])
    }
}
