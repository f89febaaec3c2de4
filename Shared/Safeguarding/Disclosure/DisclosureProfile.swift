/// Which fields of a case an agency may see for a purpose: the least it needs for what it is asked to do (S19).
///
/// Profiles are named by the routing rules. There are only those of `all`: none can be made elsewhere.
public struct DisclosureProfile: Sendable, Hashable {
    /// The name rules and the ledger use.
    public let name: String
    /// The fields an agency may see under this profile.
    public let fields: Set<DisclosureField>
    /// Whether the agency has to reach the person whatever her safe-contact rule says: to save her life, or by a
    /// statutory duty. Under every other profile a number or address is disclosed only for the channel her rule allows.
    public let reachesRegardless: Bool

    init(_ name: String, _ fields: Set<DisclosureField>, reachesRegardless: Bool = false) {
        self.name = name
        self.fields = fields.union([.referralNumber, .purpose, .legalBasis]).filter { !$0.isNeverDisclosed }
        self.reachesRegardless = reachesRegardless
    }

    /// The profile of this name.
    /// - Throws: `PackageError.unknownProfile`: nothing is disclosed under a name nobody defined.
    public static func named(_ name: String) throws(PackageError) -> DisclosureProfile {
        guard let profile = Self.all.first(where: { $0.name == name }) else { throw .unknownProfile(name) }
        return profile
    }

    /// Whether the profile allows the field.
    public func allows(_ field: DisclosureField) -> Bool {
        self.fields.contains(field)
    }
}
