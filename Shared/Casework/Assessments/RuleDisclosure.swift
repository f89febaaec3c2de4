/// What of a case goes to one kind of agency for one purpose: the unit in which disclosure is assessed (个人信息保护法 55)
/// before rules that disclose it are put in force.
public struct RuleDisclosure: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    public let agencyKind: AgencyKind
    public let purpose: Purpose
    /// The profile that the rules name; what it holds is said by the fields.
    public let profile: DisclosureProfileName
    /// The names of the fields, in order and each once.
    public let fields: [String]

    public init(agencyKind: AgencyKind, purpose: Purpose, profile: DisclosureProfileName, fields: some Sequence<String>)
    {
        self.agencyKind = agencyKind
        self.purpose = purpose
        self.profile = profile
        self.fields = Set(fields).sorted()
    }

    private enum CodingKeys: String, CodingKey {
        case agencyKind = "agency_kind"
        case purpose, profile, fields
    }

    /// Whether it discloses nothing that the other does not, to the same kind of agency for the same purpose.
    public func isWithin(_ other: RuleDisclosure) -> Bool {
        self.agencyKind == other.agencyKind && self.purpose == other.purpose
            && Set(self.fields).isSubset(of: other.fields)
    }

    public static func < (one: RuleDisclosure, two: RuleDisclosure) -> Bool {
        (one.agencyKind, one.purpose, one.profile) < (two.agencyKind, two.purpose, two.profile)
    }

    /// The pair, in the words of the rules' file: `court for protection_order (profile court)`.
    public var description: String { "\(self.agencyKind) for \(self.purpose) (profile \(self.profile))" }
}

extension Sequence<RuleDisclosure> {
    /// Those of these that are new or wider than all of the others: what needs an impact assessment.
    public func beyond(_ others: some Collection<RuleDisclosure>) -> [RuleDisclosure] {
        self.filter { one in !others.contains { one.isWithin($0) } }.sorted()
    }
}

extension RuleSet {
    /// What the rules disclose to whom, each pair once.
    /// - Parameter fields: the names of a profile's fields.
    public func disclosures<Failure: Error>(
        fields: (DisclosureProfileName) throws(Failure) -> [String]
    ) throws(Failure) -> [RuleDisclosure] {
        var found: Set<RuleDisclosure> = []
        for target in self.rules.flatMap(\.targets) {
            found.insert(
                RuleDisclosure(
                    agencyKind: target.agencyKind, purpose: target.purpose, profile: target.profile,
                    fields: try fields(target.profile)))
        }
        return found.sorted()
    }
}
