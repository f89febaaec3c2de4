public import FoundationEssentials

/// Where a consent stands.
public enum ConsentStatus: String, Sendable, Codable, CaseIterable {
    case granted
    case refused
    case withdrawn
}

/// What a person decided about one disclosure: to agencies of certain kinds, for one purpose, until a time.
///
/// Source: Personal Information Protection Law art. 23 and 29 (separate consent), S16.
public struct Consent: Hashable, Sendable {
    public let agencyKinds: [AgencyKind]
    public let purpose: Purpose
    public let status: ConsentStatus
    /// Not valid from this instant on; `nil` while the case is open.
    public let expiresAt: Date?
    /// Only these agencies of the kinds; `nil` for any of them. A refusal or withdrawal is about these alone, too.
    public var agencies: Set<UUID>?
    /// Only these kinds of data; `nil` for what the purpose needs.
    public var dataKinds: Set<ConsentDataKind>?
    public var givenBy = ConsentGiver.herself

    public init(agencyKinds: [AgencyKind], purpose: Purpose, status: ConsentStatus, expiresAt: Date? = nil) {
        self.agencyKinds = agencyKinds
        self.purpose = purpose
        self.status = status
        self.expiresAt = expiresAt
    }

    /// Whether this decision speaks about that disclosure at all.
    public func concerns(_ kind: AgencyKind, _ purpose: Purpose) -> Bool {
        self.purpose == purpose && self.agencyKinds.contains(kind)
    }
}

extension Consent: Codable {
    enum CodingKeys: String, CodingKey {
        case agencyKinds = "agency_kinds"
        case purpose
        case status
        case expiresAt = "expires_at"
        case agencies
        case dataKinds = "data_kinds"
        case givenBy = "given_by"
    }

    /// Times are ISO 8601 texts whatever the coder's own strategy is.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let text = try container.decodeIfPresent(String.self, forKey: .expiresAt)
        let expiresAt = text.flatMap(InstantText.read)
        guard text == nil || expiresAt != nil else {
            throw DecodingError.dataCorruptedError(
                forKey: .expiresAt, in: container, debugDescription: "not a time as 2026-12-31T18:00:00Z")
        }
        self.init(
            agencyKinds: try container.decode([AgencyKind].self, forKey: .agencyKinds),
            purpose: try container.decode(Purpose.self, forKey: .purpose),
            status: try container.decode(ConsentStatus.self, forKey: .status),
            expiresAt: expiresAt)
        self.agencies = try container.decodeIfPresent(Set<UUID>.self, forKey: .agencies)
        self.dataKinds = try container.decodeIfPresent(Set<ConsentDataKind>.self, forKey: .dataKinds)
        self.givenBy = try container.decodeIfPresent(ConsentGiver.self, forKey: .givenBy) ?? .herself
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(self.agencyKinds, forKey: .agencyKinds)
        try container.encode(self.purpose, forKey: .purpose)
        try container.encode(self.status, forKey: .status)
        try container.encodeIfPresent(self.expiresAt?.formatted(.iso8601), forKey: .expiresAt)
        try container.encodeIfPresent(self.agencies, forKey: .agencies)
        try container.encodeIfPresent(self.dataKinds, forKey: .dataKinds)
        if self.givenBy != .herself { try container.encode(self.givenBy, forKey: .givenBy) }
    }
}

/// The answer to "may this agency kind be told, for this purpose, now".
public enum ConsentAnswer: String, Sendable, Codable, CaseIterable {
    case granted
    /// Nobody asked, or nobody answered.
    case missing
    case refused
    case withdrawn
    case expired

    /// Where it stands among ``allCases``.
    var position: Int {
        switch self {
        case .granted: 0
        case .missing: 1
        case .refused: 2
        case .withdrawn: 3
        case .expired: 4
        }
    }
}

extension Sequence<Consent> {
    /// The answer all decisions together give. A refusal or withdrawal beats any grant, in whatever order they came: a
    /// person who changes her mind gives a new list.
    public func answer(for kind: AgencyKind, _ purpose: Purpose, at now: Date) -> ConsentAnswer {
        self.answer(for: kind, purpose, needing: [], at: now)
    }

    /// The answer for a disclosure of these kinds of data: a consent to fewer kinds is none.
    public func answer(
        for kind: AgencyKind, _ purpose: Purpose, needing data: Set<ConsentDataKind>, at now: Date
    ) -> ConsentAnswer {
        var answer = ConsentAnswer.missing
        for consent in self where consent.concerns(kind, purpose) {
            if consent.status == .granted, let agreed = consent.dataKinds, !data.isSubset(of: agreed) { continue }
            // A no to some agencies by name is no answer about the kind.
            guard consent.status == .granted || consent.agencies == nil else { continue }
            switch consent.status {
            case .withdrawn:
                return .withdrawn
            case .refused:
                answer = .refused
            case .granted where answer == .refused:
                continue
            case .granted:
                let isExpired = consent.expiresAt.map { $0 <= now } ?? false
                answer = isExpired && answer != .granted ? .expired : .granted
            }
        }
        return answer
    }
}

/// What allows a disclosure.
public enum ConsentBasis: String, Sendable, Codable, CaseIterable {
    /// She agreed.
    case consent
    /// To protect life in an emergency: PIPL art. 13(4).
    case emergency
    /// A statutory duty: PIPL art. 13(3).
    case statutoryDuty = "statutory_duty"
    /// The federation handles what it was asked to handle; nobody else is told.
    case ownHandling = "own_handling"
}
