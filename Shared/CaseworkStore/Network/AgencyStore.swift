public import Casework
public import FoundationEssentials
public import PostgresClient

/// The agencies: onboarding for operators, the lookup by place for routing.
public struct AgencyStore: Sendable {
    public init() {}

    /// Makes or updates an agency by its code. A public key or a webhook that is not given stays as it was. What a new key
    /// changes for hand-overs that wait, routing does.
    /// - Throws: `CaseworkError.notPossible` when the agency has a key that was signed later.
    public func put(_ agency: NewAgency, on executor: some PostgresExecutor) async throws -> UUID {
        let row = try await executor.callForRow(
            Self.putAgency,
            [
                agency.code, agency.kind.rawValue, agency.name, agency.division.rawValue, agency.publicKey,
                agency.keySignature?.validFrom, agency.keySignature?.bytes, agency.webhookURL, agency.webhookSecret,
            ])
        return try row.decode(UUID.self)
    }

    /// The agency's sealing key is lost or stolen: nothing is sealed to it any more. False when there is none of that code.
    public func removeKey(code: String, on executor: some PostgresExecutor) async throws -> Bool {
        try await executor.callForRow(Self.removeAgencyKey, [code]).decode(Bool.self)
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
    /// - Parameters:
    ///   - scopes: what it is good for; not empty.
    ///   - expiresAt: when it ends by itself; `nil` for never.
    public func addKey(
        agency: UUID, keyHash: [UInt8], label: String, scopes: Set<AgencyScope> = Set(AgencyScope.allCases),
        expiresAt: Date? = nil, on executor: some PostgresExecutor
    ) async throws -> UUID {
        let words = scopes.map(\.rawValue).sorted()
        return try await executor.callForRow(Self.addAgencyKey, [agency, keyHash, label, words, expiresAt])
            .decode(UUID.self)
    }

    /// Revokes the agency's keys, but for one. Returns how many.
    public func revokeKeys(
        of agency: UUID, except kept: UUID? = nil, on executor: some PostgresExecutor
    ) async throws -> Int {
        let count = try await executor.callForRow(Self.revokeAgencyKeys, [agency, kept]).decode(Int64.self)
        return Int(count)
    }

    /// Agencies by id, wherever and in whatever state they are; those that are not there are left out.
    public func byID(_ ids: [UUID], on executor: some PostgresExecutor) async throws -> [RoutableAgency] {
        try await executor.call(Self.agenciesByID, [ids]).map(RoutableAgency.init(row:))
    }

    /// What an agency can do, when, how much of it, and which agency is above it. For operators.
    /// - Throws: `CaseworkError.unknownAgency` for a code that is not there, or a superior that is not.
    public func putDetails(
        of entry: AgencyEntry, on executor: some PostgresExecutor
    ) async throws {
        try await executor.call(
            Self.putAgencyDetails,
            [
                entry.code, entry.services.map(\.rawValue).sorted(), entry.hours.rawValue,
                entry.capacity.map { Int32($0) }, entry.superior,
            ])
    }

    /// Makes or changes an agreement across divisions. For operators.
    public func put(_ alliance: Alliance, on executor: some PostgresExecutor) async throws {
        try await executor.call(
            Self.putAlliance,
            [
                alliance.code, alliance.name, alliance.members.map(\.rawValue),
                alliance.purposes.map(\.rawValue).sorted(), alliance.from.description, alliance.until?.description,
                alliance.basis,
            ])
    }

    /// Every agreement across divisions.
    public func alliances(on executor: some PostgresExecutor) async throws -> [Alliance] {
        try await executor.call(Self.alliances, []).map { row in
            let from: String = try row.decode(column: "holds_from")
            let until: String? = try row.decode(column: "holds_until")
            guard let first = LocalDate(from) else { throw CaseworkError(code: .unreadableRow, place: "holds_from") }
            return Alliance(
                code: try row.decode(column: "code"), name: try row.decode(column: "name"),
                members: try row.words(column: "members"), purposes: Set(try row.words(column: "purposes")),
                from: first, until: until.flatMap { LocalDate($0) }, basis: try row.decode(column: "basis"))
        }
    }

    /// Replaces the units of the stations they name: all of them or none. For operators.
    public func put(_ units: [StationUnit], on executor: some PostgresExecutor) async throws {
        try await executor.call(
            Self.putStationUnits,
            [units.map(\.kind.rawValue), units.map(\.division.rawValue), units.map(\.name)])
    }

    /// Every station's units, core first.
    public func stationUnits(on executor: some PostgresExecutor) async throws -> [StationUnit] {
        try await executor.call(Self.stationUnits, []).map { row in
            StationUnit(
                kind: try row.word(column: "kind"), name: try row.decode(column: "name"),
                division: try row.word(column: "division_code"))
        }
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
    /// Without one nothing is sealed to the key.
    public var keySignature: AgencyKeySignature?
    public var webhookURL: String?
    public var webhookSecret: [UInt8]?

    public init(
        code: String, kind: AgencyKind, name: String, division: DivisionCode, publicKey: [UInt8]? = nil,
        keySignature: AgencyKeySignature? = nil, webhookURL: String? = nil, webhookSecret: [UInt8]? = nil
    ) {
        self.code = code
        self.kind = kind
        self.name = name
        self.division = division
        self.publicKey = publicKey
        self.keySignature = keySignature
        self.webhookURL = webhookURL
        self.webhookSecret = webhookSecret
    }
}

/// What stands beside an agency's public key in its row: the onboarding key's signature, and from when on the key is valid.
public struct AgencyKeySignature: Sendable, Equatable {
    public var validFrom: Date
    /// Ed25519, 64 bytes.
    public var bytes: [UInt8]

    public init(validFrom: Date, bytes: [UInt8]) {
        self.validFrom = validFrom
        self.bytes = bytes
    }

    /// `nil` when the key is not signed.
    init?(row: PostgresRow) throws {
        guard let validFrom = try row.decode(Date?.self, column: "key_valid_from"),
            let bytes = try row.decode([UInt8]?.self, column: "key_signature")
        else { return nil }
        self.init(validFrom: validFrom, bytes: bytes)
    }
}

/// An active agency with what routing needs to hand over to it.
public struct RoutableAgency: Sendable, Equatable {
    public let agency: Agency
    /// X25519; `nil` for an agency that has not given one.
    public let publicKey: [UInt8]?
    /// As the row has it: whether it is good is for the sealer to say.
    public let keySignature: AgencyKeySignature?
    public let webhookURL: String?
    /// How many referrals it has under way; `nil` when it takes any number.
    public let load: Int?

    init(row: PostgresRow) throws {
        var agency = Agency(
            id: try row.decode(column: "id"), code: try row.decode(column: "code"), kind: try row.word(column: "kind"),
            name: try row.decode(column: "name"), division: try row.word(column: "division_code"),
            status: try row.word(column: "status"))
        agency.services = Set(try row.words(column: "services"))
        agency.hours = try row.word(column: "hours")
        agency.capacity = try row.decode(Int32?.self, column: "capacity").map { Int($0) }
        self.agency = agency
        self.load = try row.decode(Int64?.self, column: "load").map { Int($0) }
        self.publicKey = try row.decode(column: "public_key")
        self.keySignature = try AgencyKeySignature(row: row)
        self.webhookURL = try row.decode(column: "webhook_url")
    }
}
