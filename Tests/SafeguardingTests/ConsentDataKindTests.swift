import Casework
import Safeguarding
import Testing

/// What she is told a package holds, against what it does hold.
@Suite struct ConsentDataKindTests {
    private static func kind(_ field: DisclosureField) -> ConsentDataKind? {
        switch field {
        case .referralNumber, .purpose, .legalBasis, .shelterLocation: nil
        case .division: .place
        case .risk, .riskItems: .danger
        case .categories, .needs: .matter
        case .narrative: .narrative
        case .person(.child, _), .person(.guardian, _): .children
        case .person(.respondent, _): .respondent
        case .person(_, .phone), .person(_, .email), .person(_, .contactRule): .contact
        case .person: .identity
        }
    }

    @Test(arguments: DisclosureProfileName.known)
    func theKindsAreThoseOfTheFields(_ name: DisclosureProfileName) throws {
        let profile = try DisclosureProfile.named(name.rawValue)
        #expect(Set(profile.fields.compactMap(Self.kind)) == name.dataKinds)
        #expect(profile.reachesRegardless == name.reachesRegardless)
    }

    /// No purpose allows a profile that is not defined.
    @Test(arguments: Purpose.known)
    func everyPurposeHasProfilesThatExist(_ purpose: Purpose) {
        #expect(!purpose.allowedProfiles.isEmpty)
        for profile in purpose.allowedProfiles { #expect(DisclosureProfileName.known.contains(profile)) }
    }
}
