public import Casework
public import FoundationEssentials
public import PostgresClient

/// What intake does with cases: who may send requests, opening a case, and what of it may be seen again.
public struct IntakeStore: Sendable {
    public init() {}

    /// The client a bearer key belongs to, by the key's SHA-256; `nil` when there is none or it was revoked.
    public func intakeClient(keyHash: [UInt8], on executor: some PostgresExecutor) async throws -> IntakeClient? {
        try await executor.call(Self.clientByKey, [keyHash]).first.map(IntakeClient.init(row:))
    }

    /// Takes an idempotency key for a case that is about to be opened in the same transaction. Waits for a request
    /// under way with the same key.
    /// - Returns: `nil` when the key is now ours, or the case it already stands for.
    /// - Throws: `CaseworkError.idempotencyKeyReused` when the key stands for another request, `.clientRevoked` when the
    ///   client was revoked, whatever this process still believes of it.
    public func takeIdempotencyKey(
        _ key: String, client: UUID, requestHash: [UInt8], caseID: UUID, in transaction: PostgresTransaction
    ) async throws -> UUID? {
        try await transaction.callForRow(Self.takeKey, [client, key, requestHash, caseID]).decode(UUID?.self)
    }

    /// Opens a case: the case, its people, contact rules, consents, first-response clock and first events, all or
    /// nothing. The owner is the station of the division, or of the nearest one around it that has a station.
    /// - Throws: `CaseworkError.unknownDivision`; `.numberTaken` on a collision of random numbers.
    public func openCase(_ new: NewCase, in transaction: PostgresTransaction) async throws -> OpenedCase {
        try await OpenedCase(row: transaction.callForRow(Self.open, Self.parameters(of: [new])))
    }

    /// Takes the idempotency keys of cases and opens them, as many as can be opened without anything unusual, all in one
    /// statement. One whose client was revoked, whose key or number is taken, whose division is unknown, or that would be
    /// refused in another way is left out: nothing is written for it.
    ///
    /// Whatever somebody else holds is waited for a tenth of a second at most, here and in what the transaction does after
    /// this; then it fails with SQLSTATE 55P03.
    /// - Returns: what was opened, by case.
    public func openCases(
        _ new: [(case: NewCase, key: OpeningKey)], in transaction: PostgresTransaction
    ) async throws -> [UUID: OpenedCase] {
        let rows = try await transaction.call(Self.open, Self.parameters(of: new.map(\.case), keys: new.map(\.key)))
        var opened: [UUID: OpenedCase] = [:]
        for row in rows { opened[try row.decode(column: "case_id")] = try OpenedCase(row: row) }
        return opened
    }

    /// What a client may see of a case within its scope; `nil` when it may not, or there is none. Recorded as an event.
    public func readCase(
        number: CaseNumber, client: UUID, on executor: some PostgresExecutor
    ) async throws -> CaseView? {
        try await executor.call(Self.read, [number.rawValue, client]).first.map(CaseView.init(row:))
    }

    /// Stops every contact with the help-seekers of a case within a client's scope, and clears what waits for them; returns
    /// how many messages were cleared, `nil` when the client may not, or there is no such case. Waits for a message that
    /// is being handed over.
    public func stopContact(
        number: CaseNumber, client: UUID, on executor: some PostgresExecutor
    ) async throws -> Int? {
        try await executor.call(Self.stopContactOfCase, [number.rawValue, client]).first.map {
            Int(try $0.decode(Int64.self))
        }
    }

    /// The neutral status behind a receipt, by the receipt's SHA-256; `nil` for an unknown one.
    public func receiptStatus(
        receiptHash: [UInt8], on executor: some PostgresExecutor
    ) async throws -> ReceiptStatus? {
        try await executor.callForRow(Self.statusOfReceipt, [receiptHash]).optionalWord(column: "status")
    }

    /// The case a key stands for: the answer to a repeated request, and what became of a COMMIT whose outcome was
    /// unknown.
    public func openedCase(
        client: UUID, key: String, on executor: some PostgresExecutor
    ) async throws -> EarlierRequest? {
        try await executor.call(Self.openedByKey, [client, key]).first.map(EarlierRequest.init(row:))
    }

    /// The rule set in force, whose clocks and screening intake uses; `nil` before one was activated.
    public func activeRuleSet(on executor: some PostgresExecutor) async throws -> StoredRuleSet? {
        try await RuleSetStore().active(on: executor)
    }

    /// Forgets the keys of requests older than this, at most `limit` of them. Returns how many.
    public func forgetIdempotencyKeys(
        olderThan age: Duration, limit: Int, on executor: some PostgresExecutor
    ) async throws -> Int {
        let row = try await executor.callForRow(Self.forgetKeys, [PostgresInterval(age), Int32(limit)])
        return Int(try row.decode(Int64.self))
    }

    /// Ends a client by its name, at once. False when there is none of that name. For operators.
    public func revoke(name: String, on executor: some PostgresExecutor) async throws -> Bool {
        try await executor.callForRow(Self.revokeIntakeClient, [name]).decode(Bool.self)
    }

    /// Makes or replaces a client by its name. Replacing sets a new key and undoes a revocation. For operators.
    public func put(_ client: NewIntakeClient, on executor: some PostgresExecutor) async throws -> UUID {
        let row = try await executor.callForRow(
            Self.putIntakeClient,
            [
                client.name, client.keyHash, client.channels.map(\.rawValue), client.divisionScope.rawValue,
                Int32(client.requestsPerMinute), client.mayReadCases, client.mayChangeCases,
            ])
        return try row.decode(UUID.self)
    }
}
