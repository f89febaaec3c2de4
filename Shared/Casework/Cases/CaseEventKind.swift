/// What can happen to a case: the kinds of its timeline's entries.
public enum CaseEventKind: String, Sendable, Codable, CaseIterable {
    case caseOpened = "case_opened"
    /// A rule set was applied; the entry holds its version and explanation.
    case caseRouted = "case_routed"
    /// A target the rules name got nothing, and why (consent missing, violence flag, not safe yet).
    case referralWithheld = "referral_withheld"
    case referralRequested = "referral_requested"
    /// The agency was shown the package.
    case packageDisclosed = "package_disclosed"
    case referralReceived = "referral_received"
    case referralAccepted = "referral_accepted"
    case referralRejected = "referral_rejected"
    case referralObjected = "referral_objected"
    case referralProgressed = "referral_progressed"
    case referralCompleted = "referral_completed"
    case referralFailed = "referral_failed"
    case referralNoShow = "referral_no_show"
    case referralCancelled = "referral_cancelled"
    case referralRevoked = "referral_revoked"
    case referralVerified = "referral_verified"
    /// A rejected or unanswered referral went on to another agency.
    case referralRerouted = "referral_rerouted"
    /// No agency was left: the county station handles it itself.
    case backstopUsed = "backstop_used"
    case consentWithdrawn = "consent_withdrawn"
    case clockStarted = "clock_started"
    case clockMet = "clock_met"
    case clockBreached = "clock_breached"
    case clockCancelled = "clock_cancelled"
    /// A breach moved the case up a level.
    case caseEscalated = "case_escalated"
    case ownerChanged = "owner_changed"
    /// Every safety referral removed the danger it was for.
    case safetyConfirmed = "safety_confirmed"
    case riskRaised = "risk_raised"
    case staffNotified = "staff_notified"
    case messageSent = "message_sent"
    case messageDeferred = "message_deferred"
    case messageSuppressed = "message_suppressed"
    case followUpScheduled = "follow_up_scheduled"
    case followUpDue = "follow_up_due"
    case caseClosed = "case_closed"
    case caseRead = "case_read"
}
