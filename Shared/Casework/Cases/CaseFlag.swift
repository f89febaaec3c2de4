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
}
