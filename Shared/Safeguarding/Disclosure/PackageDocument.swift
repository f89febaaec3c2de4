/// A package as JSON. What is not disclosed is absent, not null.
struct PackageDocument: Encodable {
    struct Person: Encodable {
        var role: String
        var name: String?
        var phone: String?
        var email: String?
        var birthDate: String?
        var sex: String?
        var capacity: String?
        var isMinor: Bool?
        var contactRule: ContactRule?

        enum CodingKeys: String, CodingKey {
            case role
            case name
            case phone
            case email
            case birthDate = "birth_date"
            case sex
            case capacity
            case isMinor = "is_minor"
            case contactRule = "contact_rule"
        }
    }

    /// How the person may be reached: days 1 (Monday) to 7, local time in Asia/Shanghai as `HH:mm`, over midnight when
    /// `to` is not after `from`.
    struct ContactRule: Encodable {
        var channel: String
        var days: [Int]
        var from: String
        var to: String
        var neverMention: Bool

        enum CodingKeys: String, CodingKey {
            case channel
            case days
            case from
            case to
            case neverMention = "never_mention"
        }
    }

    let version = 1
    var profile: String
    var referralNumber: String?
    var purpose: String?
    var legalBasis: String?
    var division: String?
    var risk: String?
    var riskItems: [String]?
    var categories: [String]?
    var needs: [String]?
    var narrative: String?
    var people: [Person] = []

    enum CodingKeys: String, CodingKey {
        case version
        case profile
        case referralNumber = "referral_number"
        case purpose
        case legalBasis = "legal_basis"
        case division
        case risk
        case riskItems = "risk_items"
        case categories
        case needs
        case narrative
        case people
    }
}
