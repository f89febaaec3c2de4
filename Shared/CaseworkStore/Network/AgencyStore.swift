public import Casework
public import FoundationEssentials
public import PostgresClient

/// The agencies: onboarding for operators, the lookup by place for routing.
public struct AgencyStore: Sendable {
    public init() {}

    /// Makes or updates an agency by its code. A public key or a webhook that is not given stays as it was.
    public func put(_ agency: NewAgency, on executor: some PostgresExecutor) async throws -> UUID {
        let row = try await executor.callForRow(
            Self.putAgency,
            [
                agency.code, agency.kind.rawValue, agency.name, agency.division.rawValue, agency.publicKey,
                agency.webhookURL, agency.webhookSecret,
            ])
        return try row.decode(UUID.self)
    }

    /// The agency is told of nothing any more and polls. False when there is none of that code.
    public func removeWebhook(code: String, on executor: some PostgresExecutor) async throws -> Bool {
        try await executor.callForRow(Self.removeAgencyWebhook, [code]).decode(Bool.self)
    }

    /// Suspends an agency or takes it back. False when there is none of that code.
    public func setStatus(
        _ status: AgencyStatus, code: String, on executor: some PostgresExecutor
    ) async throws -> Bool {
        try await executor.callForRow(Self.setAgencyStatus, [code, status.rawValue]).decode(Bool.self)
    }

    /// Gives an agency one more bearer key, by its SHA-256.
    public func addKey(
        agency: UUID, keyHash: [UInt8], label: String, on executor: some PostgresExecutor
    ) async throws -> UUID {
        try await executor.callForRow(Self.addAgencyKey, [agency, keyHash, label]).decode(UUID.self)
    }

    /// Revokes the agency's keys, but for one. Returns how many.
    public func revokeKeys(
        of agency: UUID, except kept: UUID? = nil, on executor: some PostgresExecutor
    ) async throws -> Int {
        let count = try await executor.callForRow(Self.revokeAgencyKeys, [agency, kept]).decode(Int64.self)
        return Int(count)
    }

    /// The active agencies of exactly these divisions, by code.
    public func at(
        divisions: [DivisionCode], on executor: some PostgresExecutor
    ) async throws -> [RoutableAgency] {
        try await executor.call(Self.agenciesAt, [divisions.map(\.rawValue)]).map(RoutableAgency.init(row:))
    }
}

/// An agency as an operator sets it up.
public struct NewAgency: Sendable {
    public var code: String
    public var kind: AgencyKind
    public var name: String
    public var division: DivisionCode
    /// X25519, 32 bytes: packages are sealed to it.
    public var publicKey: [UInt8]?
    public var webhookURL: String?
    public var webhookSecret: [UInt8]?

    public init(
        code: String, kind: AgencyKind, name: String, division: DivisionCode, publicKey: [UInt8]? = nil,
        webhookURL: String? = nil, webhookSecret: [UInt8]? = nil
    ) {
        self.code = code
        self.kind = kind
        self.name = name
        self.division = division
        self.publicKey = publicKey
        self.webhookURL = webhookURL
        self.webhookSecret = webhookSecret
    }
}

/// An active agency with what routing needs to hand over to it.
public struct RoutableAgency: Sendable, Equatable {
    public let agency: Agency
    /// X25519; `nil` for an agency that has not given one.
    public let publicKey: [UInt8]?
    public let webhookURL: String?

    init(row: PostgresRow) throws {
        self.agency = Agency(
            id: try row.decode(column: "id"), code: try row.decode(column: "code"), kind: try row.word(column: "kind"),
            name: try row.decode(column: "name"), division: try row.word(column: "division_code"), status: .active)
        self.publicKey = try row.decode(column: "public_key")
        self.webhookURL = try row.decode(column: "webhook_url")
    }
}
