import Casework

/// The field matrix. A test writes it out again in full: a change here is a decision and needs both.
extension DisclosureProfile {
    /// Every profile.
    public static let all: [DisclosureProfile] = [
        emergency, mandatoryReport, policeReport, court, legalAid, shelter, mediation, counselling, assistance, medical,
        employment, station, minimal,
    ]

    private static func person(_ role: PersonRole, _ attributes: PersonAttribute...) -> Set<DisclosureField> {
        Set(attributes.map { .person(role, $0) })
    }

    private static let situation: Set<DisclosureField> = [.division, .risk, .riskItems, .categories, .narrative]
    /// Who she is and how she may be reached.
    private static let reachable = person(.helpSeeker, .name, .phone, .email, .contactRule)

    /// Police at once: who, where, what danger, who does it. The respondent's number lets the police find him.
    static let emergency = DisclosureProfile(
        "emergency",
        situation.union(reachable).union(person(.helpSeeker, .sex, .capacity, .isMinor))
            .union(person(.respondent, .name, .sex, .phone)).union(person(.child, .name, .sex, .birthDate)),
        reachesRegardless: true)

    /// A mandatory report (Anti-Domestic-Violence Law art. 14, Minors Protection Law art. 11): the child, the
    /// suspicion, who is suspected; never the reporter.
    static let mandatoryReport = DisclosureProfile(
        "mandatory_report",
        situation.union(reachable).union(person(.helpSeeker, .sex, .birthDate, .capacity, .isMinor))
            .union(person(.child, .name, .sex, .birthDate, .isMinor)).union(person(.respondent, .name, .sex))
            .union(person(.guardian, .name, .phone)),
        reachesRegardless: true)

    /// A report to the police that is no emergency, and the warning letter (Anti-Domestic-Violence Law art. 16): the
    /// police serve it on the respondent.
    static let policeReport = DisclosureProfile(
        "police_report",
        situation.union(reachable).union(person(.helpSeeker, .sex, .birthDate))
            .union(person(.respondent, .name, .sex, .phone)))

    /// A protection order (Anti-Domestic-Violence Law art. 23 to 28): the court serves it on the respondent.
    static let court = DisclosureProfile(
        "court",
        situation.union(reachable).union(person(.helpSeeker, .sex, .birthDate, .capacity, .isMinor))
            .union(person(.respondent, .name, .sex, .phone)).union(person(.child, .name, .sex, .birthDate)))

    /// Legal aid: the respondent's name is needed to rule out a conflict of interest.
    static let legalAid = DisclosureProfile(
        "legal_aid",
        reachable.union([.division, .categories, .needs, .narrative]).union(person(.helpSeeker, .sex, .birthDate))
            .union(person(.respondent, .name)))

    /// A safe place: rooms are by sex, and she may bring her children (民发〔2015〕189号).
    static let shelter = DisclosureProfile(
        "shelter",
        reachable.union([.division, .risk, .riskItems, .needs])
            .union(person(.helpSeeker, .sex, .birthDate, .capacity, .isMinor)).union(person(.child, .sex, .birthDate)))

    /// Mediation: both parties are invited, so both can be reached; what happened they say themselves.
    static let mediation = DisclosureProfile(
        "mediation",
        reachable.union([.division, .categories]).union(person(.respondent, .name, .phone)))

    /// Psychological support.
    static let counselling = DisclosureProfile(
        "counselling", reachable.union([.division, .risk, .categories]).union(person(.helpSeeker, .sex, .isMinor)))

    /// Money, goods and social assistance: what is needed, not why.
    static let assistance = DisclosureProfile("assistance", reachable.union([.division, .needs]))

    /// Medical treatment.
    static let medical = DisclosureProfile(
        "medical", reachable.union([.division, .needs, .riskItems]).union(person(.helpSeeker, .sex, .birthDate)))

    /// Work and labour rights: an employer's side never learns what the case is about.
    static let employment = DisclosureProfile("employment", reachable.union([.division, .needs]))

    /// Another station of the federation, which handles the case as a whole.
    static let station = DisclosureProfile(
        "station",
        situation.union(reachable).union([.needs])
            .union(person(.helpSeeker, .sex, .birthDate, .capacity, .isMinor))
            .union(person(.respondent, .name, .sex, .phone)).union(person(.child, .name, .sex, .birthDate, .isMinor))
            .union(person(.guardian, .name, .phone)))

    /// Ids and codes only.
    static let minimal = DisclosureProfile("minimal", [.division])
}
