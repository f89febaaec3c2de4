public import Casework

/// The opened facts of a case from which a package is made: everything routing knows, from which the profile takes.
public struct PackageSource: Sendable {
    /// One person of the case, opened.
    public struct Person: Sendable {
        public var role: PersonRole
        public var name: String?
        public var phone: String?
        public var email: String?
        /// As `yyyy-MM-dd`.
        public var birthDate: String?
        public var sex: String?
        public var capacity: String?
        public var isMinor: Bool
        /// The rule an agency has to keep to, out of `SafeContactAuthenticator.current`. Without one, no number or
        /// address of the help-seeker or a child is disclosed under a profile that has to respect it.
        public var contactRule: VerifiedSafeContact?

        public init(
            role: PersonRole, name: String? = nil, phone: String? = nil, email: String? = nil, birthDate: String? = nil,
            sex: String? = nil, capacity: String? = nil, isMinor: Bool = false, contactRule: VerifiedSafeContact? = nil
        ) {
            self.role = role
            self.name = name
            self.phone = phone
            self.email = email
            self.birthDate = birthDate
            self.sex = sex
            self.capacity = capacity
            self.isMinor = isMinor
            self.contactRule = contactRule
        }
    }

    public var referralNumber: String
    public var purpose: String
    public var legalBasis: String
    /// The division code of the case.
    public var division: String
    public var risk: String
    public var riskItems: [String]
    public var categories: [String]
    public var needs: [String]
    /// What happened, in words.
    public var narrative: String?
    public var people: [Person]
    /// The guardian is suspected: he is neither asked nor told, so his number is disclosed to nobody (S28).
    public var guardianIsSuspected: Bool
    /// The violence flag stands: nobody who brings the parties together gets the respondent's number.
    public var isDomesticViolence: Bool
    /// Where a person stays who fled, if it is known here: it is kept out of every field.
    public var shelterLocation: String?

    public init(
        referralNumber: String, purpose: String, legalBasis: String, division: String, risk: String,
        riskItems: [String] = [], categories: [String] = [], needs: [String] = [], narrative: String? = nil,
        people: [Person] = [], guardianIsSuspected: Bool = false, isDomesticViolence: Bool = false,
        shelterLocation: String? = nil
    ) {
        self.referralNumber = referralNumber
        self.purpose = purpose
        self.legalBasis = legalBasis
        self.division = division
        self.risk = risk
        self.riskItems = riskItems
        self.categories = categories
        self.needs = needs
        self.narrative = narrative
        self.people = people
        self.guardianIsSuspected = guardianIsSuspected
        self.isDomesticViolence = isDomesticViolence
        self.shelterLocation = shelterLocation
    }
}
