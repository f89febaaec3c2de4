public import Casework
public import FoundationEssentials
public import PostgresClient

/// The impact assessments that were recorded, and what they allow. None is changed, and none deleted before its time.
public struct AssessmentStore: Sendable {
    public init() {}

    /// Records an assessment; the same one again changes nothing.
    /// - Returns: whether it is new.
    /// - Throws: `CaseworkError.notPossible` when another one has its reference.
    public func record(_ assessment: ImpactAssessment, on executor: some PostgresExecutor) async throws -> Bool {
        try await executor.callForRow(Self.recordAssessment, [try PostgresJSON(encoding: assessment)])
            .decode(Bool.self)
    }

    /// The assessments, newest first; the one of a reference when one is given.
    public func list(
        reference: String? = nil, on executor: some PostgresExecutor
    ) async throws -> [RecordedAssessment] {
        try await executor.call(Self.assessments, [reference]).map(RecordedAssessment.init(row:))
    }

    /// Keeps an assessment beyond its time, or no longer.
    /// - Returns: whether there is such an assessment.
    /// - Throws: `CaseworkError.alreadySo`.
    public func setHold(
        _ reason: AssessmentHold, stands: Bool, on reference: String, on executor: some PostgresExecutor
    ) async throws -> Bool {
        try await executor.callForRow(Self.hold, [reference, reason.rawValue, stands]).decode(Bool.self)
    }

    /// Deletes assessments whose time is over at `now`, at most `limit`. A clock that runs ahead of the database's deletes
    /// nothing early.
    /// - Returns: how many.
    public func forget(now: Date, limit: Int, on executor: some PostgresExecutor) async throws -> Int {
        Int(try await executor.callForRow(Self.forgetAssessments, [now, Int32(limit)]).decode(Int32.self))
    }

    /// How each of these disclosures stands.
    public func assess(
        _ disclosures: [RuleDisclosure], on executor: some PostgresExecutor
    ) async throws -> [AssessedDisclosure] {
        try await executor.call(Self.assess, [try PostgresJSON(encoding: disclosures)]).map(
            AssessedDisclosure.init(row:))
    }
}

/// Why an assessment is kept beyond its time.
public enum AssessmentHold: String, Sendable, Codable, CaseIterable {
    case lawsuit
    case criminalCase = "criminal_case"
    case complaint
    case audit
}
