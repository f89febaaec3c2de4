/// Which disclosure profiles a rule may use for a purpose: no rule can disclose more for a purpose than these hold. This
/// is code and not data on purpose, so that a change of the rules cannot widen what an agency sees.
extension Purpose {
    /// The profiles allowed for this purpose; empty for a purpose this version does not know.
    public var allowedProfiles: Set<DisclosureProfileName> {
        // Ids and codes only are never too much.
        Self.profiles[self].map { $0.union([.minimal]) } ?? []
    }

    private static let profiles: [Purpose: Set<DisclosureProfileName>] = [
        .emergencyResponse: [.emergency], .mandatoryReport: [.mandatoryReport], .policeReport: [.policeReport],
        .protectionOrder: [.court], .protectionOrderReview: [.court], .applicationOnBehalf: [.station],
        .guardianship: [.mandatoryReport, .assistance], .legalSupervision: [], .superiorFiling: [],
        .legalAid: [.legalAid], .legalAidReview: [.legalAid], .lawsuitSupport: [.station],
        .safePlacement: [.shelter, .station], .mediation: [.mediation], .judicialConfirmation: [.mediation],
        .counselling: [.counselling], .materialAid: [.assistance], .socialAssistance: [.assistance],
        .judicialAssistance: [.assistance], .employment: [.employment], .labourRights: [.employment],
        .employerInterview: [.employment], .labourArbitration: [.employment],
        .collectiveRights: [.assistance, .legalAid], .medicalCare: [.medical, .assistance],
        .familyEducation: [.station, .counselling], .petition: [], .petitionReview: [], .litigationTransfer: [],
        .urgentReport: [.station], .supervisionOpinion: [.station], .safetyPlan: [.station],
        .screeningVisit: [.station], .advice: [.station], .casework: [.station],
    ]
}

extension DisclosureProfileName {
    /// Whether agencies with this profile have to reach her whatever her safe-contact rule says: for safety and mandatory
    /// reports alone.
    public var reachesRegardless: Bool { self == .emergency || self == .mandatoryReport }
}
