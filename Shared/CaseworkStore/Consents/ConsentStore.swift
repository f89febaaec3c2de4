public import Casework
public import FoundationEssentials
public import PostgresClient

/// What she agrees to, refuses and takes back. Whatever is recorded here holds at once: referrals that lose the consent
/// they rest on are revoked in the same transaction; whoever calls it tells routing, which takes the hand-overs back.
public struct ConsentStore: Sendable {
    /// What a change did.
    public struct Change: Sendable, Equatable {
        public let caseID: UUID
        /// How many referrals it revoked.
        public let revoked: Int

        init(row: PostgresRow) throws {
            self.caseID = try row.decode(column: "case_id")
            self.revoked = Int(try row.decode(Int32.self, column: "revoked"))
        }
    }

    /// What is taken back: everything that is not narrowed.
    public struct Withdrawal: Sendable, Equatable {
        public var agencyKind: AgencyKind?
        public var agency: UUID?
        public var purpose: Purpose?

        public init(agencyKind: AgencyKind? = nil, agency: UUID? = nil, purpose: Purpose? = nil) {
            self.agencyKind = agencyKind
            self.agency = agency
            self.purpose = purpose
        }
    }

    public init() {}

    /// Records an answer, which supersedes the earlier one to the same question.
    /// - Throws: `CaseworkError`: `unknownCase`, `unknownStaff`, `staffMayNot`, `relatedToParty`, `caseClosed`;
    ///   `unknownAgency` when an agency it names does not exist or is of another kind.
    public func record(
        _ consent: Consent, on number: CaseNumber, by actor: CaseActor, in transaction: PostgresTransaction
    ) async throws -> Change {
        try await Change(
            row: transaction.callForRow(
                Self.recordConsent,
                [
                    number.rawValue, actor.client, actor.staff.rawValue, consent.agencyKinds.map(\.rawValue),
                    consent.agencies.map { Array($0) }, consent.purpose.rawValue, consent.status == .granted,
                    consent.givenBy.rawValue, consent.dataKinds.map { $0.map(\.rawValue).sorted() }, consent.expiresAt,
                ]))
    }

    /// Takes consent back.
    /// - Throws: as ``record(_:on:by:in:)``; `unknownConsent` when she never agreed to any of it.
    public func withdraw(
        _ withdrawal: Withdrawal, on number: CaseNumber, by actor: CaseActor, in transaction: PostgresTransaction
    ) async throws -> Change {
        try await Change(
            row: transaction.callForRow(
                Self.withdrawConsent,
                [
                    number.rawValue, actor.client, actor.staff.rawValue, withdrawal.agencyKind?.rawValue,
                    withdrawal.agency, withdrawal.purpose?.rawValue,
                ]))
    }

    /// A disclosure without her consent that staff answer for: a fact of the case from now on, and a notice on the owner's
    /// desk. Returns the case.
    /// - Throws: as ``record(_:on:by:in:)``, also for the supervisor; `notPossible` without a second person, a basis or an
    ///   article.
    public func override(
        _ body: OverrideBody, on number: CaseNumber, by actor: CaseActor, in transaction: PostgresTransaction
    ) async throws -> UUID {
        let row = try await transaction.callForRow(
            Self.overrideConsent,
            [
                number.rawValue, actor.client, actor.staff.rawValue, body.supervisor.rawValue,
                body.exception.agencyKind.rawValue, body.exception.purpose.rawValue, body.exception.basis.rawValue,
                body.exception.article,
            ])
        return try row.decode(UUID.self)
    }

    /// Revokes the referrals whose consent has ended by itself. Returns how many. For routing.
    public func revokeExpired(of caseID: UUID, in transaction: PostgresTransaction) async throws -> Int {
        Int(try await transaction.callForRow(Self.revokeExpired, [caseID]).decode(Int32.self))
    }

    /// The agencies of these codes that there are, with their kinds.
    public func agencies(
        codes: [String], on executor: some PostgresExecutor
    ) async throws -> [String: (id: UUID, kind: AgencyKind)] {
        var found: [String: (id: UUID, kind: AgencyKind)] = [:]
        for row in try await executor.call(Self.agenciesByCode, [codes]) {
            let (id, code, kind) = try row.decode((UUID, String, String).self)
            found[code] = (id, AgencyKind(rawValue: kind))
        }
        return found
    }

    /// Those of the kinds of which the network has no agency.
    public func unknownKinds(
        among kinds: [AgencyKind], on executor: some PostgresExecutor
    ) async throws -> [AgencyKind] {
        let known = Set(
            try await executor.call(Self.knownAgencyKinds, [kinds.map(\.rawValue)]).map { try $0.decode(String.self) })
        return kinds.filter { !known.contains($0.rawValue) }
    }

    /// What stands on a case, for a client that may read it.
    /// - Throws: `CaseworkError.unknownCase`.
    public func list(
        of number: CaseNumber, client: UUID, on executor: some PostgresExecutor
    ) async throws -> [ConsentEntry] {
        try await executor.call(Self.consentsForClient, [number.rawValue, client]).map(ConsentEntry.init(row:))
    }

    /// What stands on a case, for operators; empty for an unknown case, too.
    public func overview(of number: CaseNumber, on executor: some PostgresExecutor) async throws -> [ConsentEntry] {
        try await executor.call(Self.consentOverview, [number.rawValue]).map(ConsentEntry.init(row:))
    }
}

/// One answer of hers that stands.
public struct ConsentEntry: Sendable, Equatable {
    public let agencyKinds: [AgencyKind]
    /// Codes; `nil` for any agency of the kinds.
    public let agencies: [String]?
    public let purpose: Purpose
    public let status: ConsentStatus
    public let givenBy: ConsentGiver
    public let dataKinds: [String]?
    public let recordedAt: Date
    public let expiresAt: Date?
    public let withdrawnAt: Date?

    init(row: PostgresRow) throws {
        self.agencyKinds = try row.words(column: "agency_kinds")
        self.agencies = try row.decode(column: "agencies")
        self.purpose = try row.word(column: "purpose")
        self.withdrawnAt = try row.decode(column: "withdrawn_at")
        let granted: Bool = try row.decode(column: "granted")
        self.status = self.withdrawnAt != nil ? .withdrawn : granted ? .granted : .refused
        self.givenBy = try row.word(column: "given_by")
        self.dataKinds = try row.decode(column: "data_kinds")
        self.recordedAt = try row.decode(column: "recorded_at")
        self.expiresAt = try row.decode(column: "expires_at")
    }
}
