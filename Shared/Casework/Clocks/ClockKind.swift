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
    /// When to call back.
    case followUp = "follow_up"
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
