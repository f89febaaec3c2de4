/// What a clock measures.
public enum ClockKind: String, Sendable, Codable, CaseIterable {
    /// From the request to the first answer by a person or an agency.
    case firstResponse = "first_response"
    /// From the hand-over to the agency's yes or no.
    case referralAnswer = "referral_answer"
    /// From the agency's yes to an outcome.
    case referralOutcome = "referral_outcome"
    /// The owner's own next step, when no referral carries the case.
    case caseAction = "case_action"
    /// When to call back, after the case was closed or when a milestone's time ends.
    case followUp = "follow_up"
    /// From the last outcome to the call-back before closing.
    case callBack = "call_back"
    /// When a consent ends by itself.
    case consentExpiry = "consent_expiry"
    /// When the danger is to be assessed anew.
    case riskReview = "risk_review"
    /// From an objection to the common superior's decision.
    case superiorDecision = "superior_decision"
    /// A task of joint handling.
    case jointTask = "joint_task"

    /// Whether such a clock alone keeps the case in somebody's hands. The others only have somebody look at one thing.
    public var carriesCase: Bool {
        switch self {
        case .firstResponse, .referralAnswer, .referralOutcome, .caseAction, .callBack, .superiorDecision: true
        case .followUp, .consentExpiry, .riskReview, .jointTask: false
        }
    }
}

/// Where a clock stands.
public enum ClockStatus: String, Sendable, Codable, CaseIterable {
    case running
    /// What it waited for happened in time.
    case met
    /// It ran out, once.
    case breached
    /// What it measured no longer happens.
    case cancelled
}
