/// Where a referral 转介 stands.
public enum ReferralStatus: String, Sendable, Codable, CaseIterable {
    /// Being written; nobody outside the network knows of it.
    case draft
    /// Offered: the hand-over waits in the agency's queue.
    case requested
    /// The agency fetched the package.
    case received
    /// The agency took it on.
    case accepted
    /// The agency refused it with a reason. Settled: routing sends the case elsewhere.
    case rejected
    /// The agency says it was sent wrongly; the common superior decides.
    case objected
    /// An appointment is made.
    case scheduled
    case inProgress = "in_progress"
    case onHold = "on_hold"
    /// Done, with an outcome.
    case completed
    /// Tried without result.
    case failed
    /// She did not come.
    case noShow = "no_show"
    /// The federation called back and confirmed the outcome.
    case closedVerified = "closed_verified"
    /// The federation asked the agency to stop.
    case cancelRequested = "cancel_requested"
    case cancelled
    /// Consent was withdrawn: the agency sees nothing any more.
    case revoked
    /// Should never have been.
    case enteredInError = "entered_in_error"

    /// Whether somebody still has to do something before the referral has an end.
    public var isOpen: Bool {
        switch self {
        case .draft, .requested, .received, .accepted, .objected, .scheduled, .inProgress, .onHold, .cancelRequested:
            true
        case .rejected, .completed, .failed, .noShow, .closedVerified, .cancelled, .revoked, .enteredInError:
            false
        }
    }

    /// Whether the agency has answered the hand-over: the answer clock is met.
    public var isAnswered: Bool {
        switch self {
        case .draft, .requested, .received, .cancelRequested, .cancelled, .revoked, .enteredInError: false
        case .accepted, .rejected, .objected, .scheduled, .inProgress, .onHold, .completed, .failed, .noShow,
            .closedVerified:
            true
        }
    }

    /// Whether the agency is working on it: the outcome clock runs.
    public var isUnderWay: Bool {
        switch self {
        case .accepted, .scheduled, .inProgress, .onHold: true
        case .draft, .requested, .received, .rejected, .objected, .completed, .failed, .noShow, .closedVerified,
            .cancelRequested, .cancelled, .revoked, .enteredInError:
            false
        }
    }
}

/// Who moves a referral.
public enum ReferralParty: String, Sendable, Codable, CaseIterable {
    /// The federation, which sent it.
    case sender
    /// The agency it was sent to.
    case target
    /// A rule or a clock.
    case system
}
