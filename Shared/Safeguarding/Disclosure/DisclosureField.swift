public import Casework

/// One thing about a person that can be disclosed.
public enum PersonAttribute: String, Sendable, CaseIterable {
    case name
    case phone
    case email
    case birthDate = "birth_date"
    case sex
    case capacity
    case isMinor = "is_minor"
    /// When and how the person may be reached.
    case contactRule = "contact_rule"

    /// Whether somebody can reach the person with it.
    public var isContact: Bool {
        switch self {
        case .phone, .email: true
        case .name, .birthDate, .sex, .capacity, .isMinor, .contactRule: false
        }
    }
}

/// One field of a package: the unit in which disclosure is allowed and recorded.
public enum DisclosureField: Sendable, Hashable {
    case referralNumber
    case purpose
    case legalBasis
    case division
    case risk
    case riskItems
    case categories
    case needs
    case narrative
    /// Where a person who fled stays. No profile holds it, and none can (S21).
    case shelterLocation
    case person(PersonRole, PersonAttribute)

    /// The name under which the ledger records it, such as `risk_items` or `help_seeker.phone`.
    public var name: String {
        switch self {
        case .referralNumber: "referral_number"
        case .purpose: "purpose"
        case .legalBasis: "legal_basis"
        case .division: "division"
        case .risk: "risk"
        case .riskItems: "risk_items"
        case .categories: "categories"
        case .needs: "needs"
        case .narrative: "narrative"
        case .shelterLocation: "shelter_location"
        case .person(let role, let attribute): "\(role.rawValue).\(attribute.rawValue)"
        }
    }

    /// Every field there is.
    public static let all: [DisclosureField] =
        [
            .referralNumber, .purpose, .legalBasis, .division, .risk, .riskItems, .categories, .needs, .narrative,
            .shelterLocation,
        ] + PersonRole.allCases.flatMap { role in PersonAttribute.allCases.map { .person(role, $0) } }

    /// What no profile may hold: where she stays (S21), and anything about who reported (Anti-Domestic-Violence Law
    /// art. 14, Women's Rights Law art. 72) or bore witness.
    public var isNeverDisclosed: Bool {
        switch self {
        case .shelterLocation, .person(.reporter, _), .person(.witness, _): true
        case .referralNumber, .purpose, .legalBasis, .division, .risk, .riskItems, .categories, .needs, .narrative,
            .person:
            false
        }
    }
}
