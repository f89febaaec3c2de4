import FoundationEssentials

/// What one hand-over discloses. It can only be built through a profile, and holds nothing the profile does not allow.
public struct Package: Sendable, CustomStringConvertible, CustomReflectable {
    /// The profile it was built under.
    public let profile: String
    /// The names of the fields it really holds, sorted: what the ledger records.
    public let fields: [String]
    private let document: PackageDocument

    private init(profile: String, fields: [String], document: PackageDocument) {
        self.profile = profile
        self.fields = fields
        self.document = document
    }

    /// Takes from the case what the profile allows, and nothing else.
    ///
    /// Names, numbers and addresses of people that are not disclosed are blacked out of the narrative, and so is the
    /// place where a person stays.
    /// - Throws: `PackageError` for an unknown profile, or when another field names the place where a person stays.
    public static func build(profile name: String, from source: PackageSource) throws(PackageError) -> Package {
        let profile = try DisclosureProfile.named(name)
        var picker = FieldPicker(profile: profile, source: source)
        var document = PackageDocument(
            profile: profile.name,
            referralNumber: picker.take(.referralNumber, source.referralNumber),
            purpose: picker.take(.purpose, source.purpose),
            legalBasis: picker.take(.legalBasis, source.legalBasis),
            division: picker.take(.division, source.division),
            risk: picker.take(.risk, source.risk),
            riskItems: picker.take(.riskItems, source.riskItems.isEmpty ? nil : source.riskItems),
            categories: picker.take(.categories, source.categories.isEmpty ? nil : source.categories),
            needs: picker.take(.needs, source.needs.isEmpty ? nil : source.needs))
        document.people = source.people.compactMap { picker.person($0) }
        document.narrative = picker.take(.narrative, source.narrative).map { picker.blackout.apply(to: $0) }
        try picker.requireNoShelterLocation(in: document)
        return Package(profile: profile.name, fields: picker.taken.map(\.name).sorted(), document: document)
    }

    /// The package as JSON in UTF-8, filled with spaces to a multiple of 512 bytes so that its length says little.
    public func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var bytes = try [UInt8](encoder.encode(self.document))
        bytes += [UInt8](repeating: UInt8(ascii: " "), count: (512 - bytes.count % 512) % 512)
        return bytes
    }

    /// The profile and the fields, never their values.
    public var description: String { "Package(\(self.profile): \(self.fields.joined(separator: " ")))" }

    public var customMirror: Mirror { Mirror(self, children: []) }
}
