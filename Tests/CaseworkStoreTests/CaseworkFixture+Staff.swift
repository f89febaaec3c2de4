import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient

extension CaseworkFixture {
    /// Serves the whole region, through an operator's command.
    var worker: CaseActor { CaseActor(StaffID(rawValue: "S-0001")) }
    /// A supervisor of the whole region.
    var supervisor: CaseActor { CaseActor(StaffID(rawValue: "S-0002")) }

    func addStaff(
        _ id: String, _ roles: Set<StaffRole>, at divisions: Set<DivisionCode>, trainings: [Training] = [],
        capacity: Int = 10, isActive: Bool = true
    ) async throws {
        _ = try await StaffStore().put(
            StaffEntry(
                StaffMember(
                    id: StaffID(rawValue: id), roles: roles, divisions: divisions, trainings: trainings,
                    capacity: capacity), isActive: isActive), on: self.pool)
    }

    /// Something about consent in a transaction of its own.
    @discardableResult
    func act<Value: Sendable>(
        _ body: @Sendable (ConsentStore, PostgresTransaction) async throws -> Value
    ) async throws -> Value {
        try await self.pool.withTransaction("test_act") { try await body(ConsentStore(), $0) }
    }

    /// Writes consents down as they are, withdrawn ones too.
    func put(_ consents: [Consent], on caseID: UUID) async throws {
        for consent in consents {
            try await self.pool.execute(
                Self.putConsent, caseID, consent.agencyKinds.map(\.rawValue), consent.purpose.rawValue,
                consent.status != .refused, consent.givenBy.rawValue, consent.dataKinds.map { $0.map(\.rawValue) },
                consent.agencies.map { Array($0) }, consent.expiresAt, consent.status == .withdrawn)
        }
    }

    private static let putConsent = Statement(
        name: "test_put_consent",
        """
        INSERT INTO casework.consent (case_id, agency_kinds, purpose, granted, given_by, data_kinds, agencies, expires_at,
            withdrawn_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, CASE WHEN $9 THEN clock_timestamp() END)
        """)
}
