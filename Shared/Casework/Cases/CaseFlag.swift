/// A fact about a case that rules ask for. Flags are derived from the request and from what happened since; none holds
/// anything about who the people are.
public enum CaseFlag: String, Sendable, Codable, CaseIterable {
    /// Domestic violence is suspected: mediation is never automatic while this stands.
    case domesticViolence = "domestic_violence"
    /// The person harmed or asking is under 18.
    case minor
    /// The help-seeker has no or limited capacity.
    case limitedCapacity = "limited_capacity"
    /// The guardian is suspected: he is neither asked nor told.
    case guardianSuspected = "guardian_suspected"
    /// Nobody on the case can be reached by name or number.
    case anonymous
    /// Somebody else than the help-seeker reported.
    case thirdParty = "third_party"
    /// She refused mediation.
    case mediationRefused = "mediation_refused"
    /// Every safety referral ended with an outcome that removed the danger.
    case safe
    /// 涉法涉诉: a court, the procuratorate or the police have the matter, so it is no petition.
    case litigationRelated = "litigation_related"
    /// 重大紧急信访事项
    case urgentMajor = "urgent_major"
    /// 矛盾可能激化
    case mayFlareUp = "may_flare_up"
    /// 证据或财产需要立即保全、先予执行
    case preservationNeeded = "preservation_needed"
}
