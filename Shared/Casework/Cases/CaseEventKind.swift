/// What can happen to a case: the kinds of its timeline's entries.
public enum CaseEventKind: String, Sendable, Codable, CaseIterable {
    case caseOpened = "case_opened"
    /// The receiving station owns the case.
    case ownerAssigned = "owner_assigned"
    /// A rule set was applied; the entry holds its version and explanation.
    case caseRouted = "case_routed"
    /// A target the rules name got nothing, and why (consent missing, violence flag, not safe yet).
    case referralWithheld = "referral_withheld"
    // What happened to a referral is named after the status it got: `referral_` and the status.
    case referralRequested = "referral_requested"
    case referralReceived = "referral_received"
    case referralAccepted = "referral_accepted"
    case referralRejected = "referral_rejected"
    case referralObjected = "referral_objected"
    case referralScheduled = "referral_scheduled"
    case referralInProgress = "referral_in_progress"
    case referralOnHold = "referral_on_hold"
    case referralCompleted = "referral_completed"
    case referralFailed = "referral_failed"
    case referralNoShow = "referral_no_show"
    case referralClosedVerified = "referral_closed_verified"
    case referralCancelRequested = "referral_cancel_requested"
    case referralCancelled = "referral_cancelled"
    case referralRevoked = "referral_revoked"
    case referralEnteredInError = "referral_entered_in_error"
    /// A rejected or unanswered referral went on to another agency.
    case referralRerouted = "referral_rerouted"
    // The agency's key has changed: its package was sealed to the new one, or taken away for want of one.
    case packageResealed = "package_resealed"
    case packageDiscarded = "package_discarded"
    /// No agency was left: the county station handles it itself.
    case backstopUsed = "backstop_used"
    case consentRecorded = "consent_recorded"
    case consentWithdrawn = "consent_withdrawn"
    /// A consent's last day is over.
    case consentExpired = "consent_expired"
    /// Disclosed without her consent, by staff, on the article the entry names.
    case disclosureOverridden = "disclosure_overridden"
    case clockStarted = "clock_started"
    case clockMet = "clock_met"
    case clockBreached = "clock_breached"
    case clockCancelled = "clock_cancelled"
    /// Part of its time is over and people were warned.
    case clockDueSoon = "clock_due_soon"
    // On a legal ground, by a supervisor.
    case clockPaused = "clock_paused"
    case clockResumed = "clock_resumed"
    case clockExtended = "clock_extended"
    /// A breach moved the case up a level.
    case caseEscalated = "case_escalated"
    case ownerChanged = "owner_changed"
    /// Every safety referral removed the danger it was for.
    case safetyConfirmed = "safety_confirmed"
    case riskAssessed = "risk_assessed"
    case riskRaised = "risk_raised"
    /// A first person would lower the level; a second has to confirm.
    case riskLoweringProposed = "risk_lowering_proposed"
    case riskLowered = "risk_lowered"
    /// The danger is to be assessed anew.
    case riskReviewDue = "risk_review_due"
    /// Words of the narrative ask for questions to be asked; the words themselves stay sealed.
    case triageSuggested = "triage_suggested"
    case triageAnswered = "triage_answered"
    /// Something that starts a time by law, beside the referrals.
    case milestoneReached = "milestone_reached"
    /// Two agencies object: their common superior has to decide.
    case superiorAsked = "superior_asked"
    case superiorDecided = "superior_decided"
    /// Nothing is open any more: she is to be called before the case is closed.
    case callBackAsked = "call_back_asked"
    case calledBack = "called_back"
    /// The owner would close the case with an outcome.
    case closingAsked = "closing_asked"
    case staffAssigned = "staff_assigned"
    case jointJoined = "joint_joined"
    case jointLeft = "joint_left"
    case taskGiven = "task_given"
    case taskSettled = "task_settled"
    case conferenceHeld = "conference_held"
    case casesLinked = "cases_linked"
    /// Read with a reason by somebody who otherwise may not, for a limited time.
    case accessOpened = "access_opened"
    case peopleRead = "people_read"
    /// Somebody read what agencies wrote.
    case textRead = "text_read"
    case staffNotified = "staff_notified"
    /// The desk of a referral's agency was written to.
    case agencyNotified = "agency_notified"
    case messageSent = "message_sent"
    case messageScheduled = "message_scheduled"
    case messageDenied = "message_denied"
    case messageFailed = "message_failed"
    case messageDelivered = "message_delivered"
    /// She asked for contact to stop; what waited for her is not sent.
    case messageCleared = "message_cleared"
    case contactStopped = "contact_stopped"
    case noticeFailed = "notice_failed"
    case noticeMuted = "notice_muted"
    case followUpScheduled = "follow_up_scheduled"
    case followUpDue = "follow_up_due"
    case caseClosed = "case_closed"
    /// She was called and it does not hold: the closed case goes on, on its owner's time.
    case caseReopened = "case_reopened"
    /// What was held to have made her safe has not.
    case safetyLost = "safety_lost"
    /// Kept beyond its time, for a reason; and no longer.
    case holdSet = "hold_set"
    case holdReleased = "hold_released"
    /// Its time is over: nothing in it identifies anybody any more.
    case caseAnonymised = "case_anonymised"
    case caseRead = "case_read"
}
