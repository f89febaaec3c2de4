/// Something that happens to a referral.
public enum ReferralEvent: Sendable, Hashable {
    /// The sender offers it.
    case request
    /// The agency fetched the package.
    case receive
    case accept
    /// The agency refuses; it may name the kind of agency it thinks responsible.
    case reject(RejectReason, suggested: AgencyKind?)
    /// The agency says it was sent wrongly.
    case object(RejectReason)
    case schedule
    case start
    case hold
    case complete(Outcome)
    case fail(Outcome)
    case recordNoShow
    /// The call-back confirmed the outcome.
    case verify
    case requestCancel
    case cancel
    /// Consent was withdrawn.
    case revoke
    case markAsError

    /// The status this event leads to.
    public var result: ReferralStatus {
        switch self {
        case .request: .requested
        case .receive: .received
        case .accept: .accepted
        case .reject: .rejected
        case .object: .objected
        case .schedule: .scheduled
        case .start: .inProgress
        case .hold: .onHold
        case .complete: .completed
        case .fail: .failed
        case .recordNoShow: .noShow
        case .verify: .closedVerified
        case .requestCancel: .cancelRequested
        case .cancel: .cancelled
        case .revoke: .revoked
        case .markAsError: .enteredInError
        }
    }

    /// The timeline entry it makes: `referral_` and the status.
    public var kind: CaseEventKind {
        switch self {
        case .request: .referralRequested
        case .receive: .referralReceived
        case .accept: .referralAccepted
        case .reject: .referralRejected
        case .object: .referralObjected
        case .schedule: .referralScheduled
        case .start: .referralInProgress
        case .hold: .referralOnHold
        case .complete: .referralCompleted
        case .fail: .referralFailed
        case .recordNoShow: .referralNoShow
        case .verify: .referralClosedVerified
        case .requestCancel: .referralCancelRequested
        case .cancel: .referralCancelled
        case .revoke: .referralRevoked
        case .markAsError: .referralEnteredInError
        }
    }
}
