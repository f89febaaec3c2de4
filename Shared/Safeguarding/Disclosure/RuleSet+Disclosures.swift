public import Casework

extension RuleSet {
    /// What the rules disclose to whom, with the fields that this program's profiles hold.
    /// - Throws: `PackageError.unknownProfile` when a rule names a profile that nobody defined.
    public func disclosures() throws(PackageError) -> [RuleDisclosure] {
        try self.disclosures { name throws(PackageError) in
            try DisclosureProfile.named(name.rawValue).fields.map(\.name)
        }
    }
}

extension DisclosureField {
    /// The names of all fields that some profile could hold: what an impact assessment may speak of.
    public static let disclosableNames = Set(Self.all.filter { !$0.isNeverDisclosed }.map(\.name))
}
