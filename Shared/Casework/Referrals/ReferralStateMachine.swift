public import FoundationEssentials

/// The life of one referral: event in, consequence out. It holds no clock and does no I/O.
///
/// Source: DOMAIN section 3, from the petition regulations art. 23 (objection within 5 working days) and art. 24 (the
/// common superior decides). Every change names the party that makes it; a change the table lacks is refused with the
/// statuses that party may set instead.
public struct ReferralStateMachine: Sendable, Hashable {
    public private(set) var status: ReferralStatus

    public init(status: ReferralStatus = .draft) {
        self.status = status
    }

    /// What the caller does after a change.
    public enum Consequence: Sendable, Hashable {
        /// Only the status changed.
        case none
        /// The hand-over is offered: the answer clock starts.
        case startAnswerClock
        /// Answered with yes: the answer clock is met, the outcome clock starts.
        case startOutcomeClock
        /// Refused or without result: the case goes back to routing and is never left without an owner.
        case reroute(suggested: AgencyKind?)
        /// Wrongly sent, says the agency: the common superior decides.
        case askCommonSuperior
        /// Done: its clocks are met.
        case settle(Outcome)
        /// Ended from outside: its clocks are cancelled and a waiting hand-over is taken back.
        case withdraw
    }

    /// Applies an event. Nothing changes when it throws.
    ///
    /// - Parameter objectionDue: until when the agency may object; `nil` for no limit.
    public mutating func apply(
        _ event: ReferralEvent, by party: ReferralParty, at now: Date, objectionDue: Date? = nil
    ) throws(ReferralTransitionError) -> Consequence {
        guard Self.parties(from: self.status, to: event.result).contains(party) else {
            throw ReferralTransitionError(
                code: .notAllowed, from: self.status, to: event.result, party: party,
                allowed: Self.allowed(from: self.status, by: party))
        }
        if case .object = event, let objectionDue, now >= objectionDue {
            throw ReferralTransitionError(
                code: .objectionTooLate, from: self.status, to: event.result, party: party,
                allowed: Self.allowed(from: self.status, by: party).subtracting([.objected]))
        }
        self.status = event.result
        return Self.consequence(of: event)
    }

    private static func consequence(of event: ReferralEvent) -> Consequence {
        switch event {
        case .request: .startAnswerClock
        case .accept: .startOutcomeClock
        case .reject(_, let suggested): .reroute(suggested: suggested)
        case .fail, .recordNoShow: .reroute(suggested: nil)
        case .object: .askCommonSuperior
        case .complete(let outcome): .settle(outcome)
        case .cancel, .revoke, .markAsError: .withdraw
        case .receive, .schedule, .start, .hold, .verify, .requestCancel: .none
        }
    }

    /// The statuses a party may set from a status.
    public static func allowed(from status: ReferralStatus, by party: ReferralParty) -> Set<ReferralStatus> {
        Set(ReferralStatus.allCases.filter { Self.parties(from: status, to: $0).contains(party) })
    }

    /// Every change there is, for tests that compare another implementation with this one.
    public static var transitions: [ReferralTransition] {
        ReferralStatus.allCases.flatMap { from in
            ReferralStatus.allCases.compactMap { to in
                let parties = Self.parties(from: from, to: to)
                return parties.isEmpty ? nil : ReferralTransition(from: from, to: to, parties: parties)
            }
        }
    }

    /// Who may change `from` into `to`; empty when nobody may.
    static func parties(from: ReferralStatus, to: ReferralStatus) -> Set<ReferralParty> {
        switch to {
        case .draft:
            []
        case .requested:
            // An objection the superior turned down is offered again.
            from == .draft || from == .objected ? [.sender, .system] : []
        case .received:
            from == .requested ? [.target] : []
        case .accepted:
            [.requested, .received, .objected].contains(from) ? [.target] : []
        case .rejected, .objected:
            [.requested, .received].contains(from) ? [.target] : []
        case .scheduled:
            [.accepted, .scheduled, .inProgress, .onHold].contains(from) ? [.target] : []
        case .inProgress:
            // Repeated for progress reports that change nothing else.
            [.accepted, .scheduled, .inProgress, .onHold].contains(from) ? [.target] : []
        case .onHold:
            [.accepted, .scheduled, .inProgress].contains(from) ? [.target] : []
        case .completed:
            // Work that was finished before the request to cancel arrived still counts.
            from.isUnderWay || from == .cancelRequested ? [.target] : []
        case .failed, .noShow:
            from.isUnderWay ? [.target] : []
        case .closedVerified:
            [.completed, .failed, .noShow].contains(from) ? [.sender] : []
        case .cancelRequested:
            from.isUnderWay ? [.sender, .system] : []
        case .cancelled:
            switch from {
            case .draft, .requested, .received, .objected: [.sender, .system]
            case .cancelRequested: [.target, .system]
            default: []
            }
        case .revoked:
            from.isOpen ? [.sender] : []
        case .enteredInError:
            from == .enteredInError || from == .closedVerified ? [] : [.sender]
        }
    }
}

/// One allowed change of a referral's status.
public struct ReferralTransition: Sendable, Hashable {
    public let from: ReferralStatus
    public let to: ReferralStatus
    /// Who may make it.
    public let parties: Set<ReferralParty>
}

/// A change of status that is not allowed. It names the statuses the party may set instead.
public struct ReferralTransitionError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable, Hashable {
        /// This party may not make this change from this status.
        case notAllowed = "not_allowed"
        /// The time for an objection (5 working days) is over.
        case objectionTooLate = "objection_too_late"
    }

    public let code: Code
    public let from: ReferralStatus
    public let to: ReferralStatus
    public let party: ReferralParty
    public let allowed: Set<ReferralStatus>

    public init(
        code: Code, from: ReferralStatus, to: ReferralStatus, party: ReferralParty, allowed: Set<ReferralStatus>
    ) {
        self.code = code
        self.from = from
        self.to = to
        self.party = party
        self.allowed = allowed
    }

    public var description: String {
        let allowed = self.allowed.map(\.rawValue).sorted().joined(separator: ", ")
        return "\(self.party.rawValue) may not change a referral from \(self.from.rawValue) to \(self.to.rawValue) "
            + "(\(self.code.rawValue)); allowed: \(allowed.isEmpty ? "nothing" : allowed)"
    }
}
