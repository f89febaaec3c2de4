/// What a consumer tells whoever keeps its log. Holds numbers and codes only, so that it may be logged.
public enum AgencyConsumerEvent: Sendable {
    /// Hand-overs were leased.
    case leased(count: Int)
    /// The hand-over of this referral was answered.
    case answered(referral: String, decision: AgencyDecision)
    /// The work on this accepted referral ended well.
    case worked(referral: String)
    /// The hand-over or the work on it failed.
    case failed(referral: String, error: any Error)
    /// The gateway cannot be reached, or refuses for now; the next poll comes after the pause.
    case pollFailed(error: AgencyError, pause: Duration)
}
