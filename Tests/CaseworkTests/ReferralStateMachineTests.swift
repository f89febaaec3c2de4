import Casework
import Foundation
import Testing

@Suite struct ReferralStateMachineTests {
    let now = Date.beijing("2026-11-23 10:00")

    @Test func theWholeWayFromDraftToVerified() throws {
        let referral = TestReferral()
        #expect(try referral.apply(.request, by: .sender, at: self.now) == .startAnswerClock)
        #expect(try referral.apply(.receive, by: .target, at: self.now) == .none)
        #expect(try referral.apply(.accept, by: .target, at: self.now) == .startOutcomeClock)
        #expect(try referral.apply(.schedule, by: .target, at: self.now) == .none)
        #expect(try referral.apply(.start, by: .target, at: self.now) == .none)
        #expect(try referral.apply(.hold, by: .target, at: self.now) == .none)
        #expect(try referral.apply(.start, by: .target, at: self.now) == .none)
        #expect(try referral.apply(.complete(.reconciled), by: .target, at: self.now) == .settle(.reconciled))
        #expect(try referral.apply(.verify, by: .sender, at: self.now) == .none)
        #expect(referral.status == .closedVerified)
    }

    @Test func rejectingSendsTheCaseBackToRouting() throws {
        let referral = TestReferral(.received)
        let consequence = try referral.apply(
            .reject(.notOurDuty, suggested: .labourArbitration), by: .target, at: self.now)
        #expect(consequence == .reroute(suggested: .labourArbitration))
        #expect(referral.status == .rejected)
    }

    @Test func anObjectionIsHeardOnlyInItsTime() throws {
        let due = self.now.addingTimeInterval(10)
        let referral = TestReferral(.received)
        let error = #expect(throws: ReferralTransitionError.self) {
            try referral.apply(.object(.notOurDuty), by: .target, at: due, objectionDue: due)
        }
        #expect(error?.code == .objectionTooLate)
        #expect(error?.allowed == [.accepted, .rejected])
        #expect(referral.status == .received)
        #expect(
            try referral.apply(.object(.notOurDuty), by: .target, at: self.now, objectionDue: due)
                == .askCommonSuperior)
        #expect(try referral.apply(.request, by: .sender, at: self.now) == .startAnswerClock)
    }

    @Test func aRefusedChangeNamesWhatIsAllowedAndChangesNothing() {
        let referral = TestReferral(.requested)
        let error = #expect(throws: ReferralTransitionError.self) {
            try referral.apply(.complete(.resolved), by: .target, at: self.now)
        }
        #expect(error?.allowed == [.received, .accepted, .rejected, .objected])
        #expect(error?.description.contains("accepted, objected, received, rejected") == true)
        #expect(referral.status == .requested)
    }

    @Test func onlyTheTargetAnswersAndOnlyTheSenderRevokes() {
        let answers: [ReferralStatus] = [
            .received, .accepted, .rejected, .objected, .scheduled, .inProgress, .onHold, .completed, .failed, .noShow,
        ]
        for transition in ReferralStateMachine.transitions {
            if answers.contains(transition.to) {
                #expect(transition.parties == [.target], "\(transition)")
            }
            if transition.to == .revoked || transition.to == .enteredInError || transition.to == .closedVerified {
                #expect(transition.parties == [.sender], "\(transition)")
            }
            #expect(transition.to != .draft)
        }
    }

    @Test func consentCanBeWithdrawnFromEveryOpenStatusAndFromNoOther() {
        for status in ReferralStatus.allCases {
            let allowed = ReferralStateMachine.allowed(from: status, by: .sender).contains(.revoked)
            #expect(allowed == status.isOpen, "\(status)")
        }
    }

    @Test func everyOpenStatusCanEnd() {
        for status in ReferralStatus.allCases where status.isOpen {
            let next = ReferralParty.allCases.flatMap { ReferralStateMachine.allowed(from: status, by: $0) }
            #expect(next.contains { !$0.isOpen }, "\(status)")
        }
    }

    @Test func whatEndedStaysEnded() {
        for status in ReferralStatus.allCases where !status.isOpen {
            for party in ReferralParty.allCases {
                let next = ReferralStateMachine.allowed(from: status, by: party)
                #expect(next.isSubset(of: [.closedVerified, .enteredInError]), "\(status)")
            }
        }
    }

    @Test func workFinishedBeforeTheRequestToCancelArrivedCounts() throws {
        let referral = TestReferral(.accepted)
        #expect(try referral.apply(.requestCancel, by: .sender, at: self.now) == .none)
        #expect(try referral.apply(.complete(.resolved), by: .target, at: self.now) == .settle(.resolved))
    }

    @Test func statusesSpellAsTheDomainDoes() {
        #expect(
            ReferralStatus.allCases.map(\.rawValue) == [
                "draft", "requested", "received", "accepted", "rejected", "objected", "scheduled", "in_progress",
                "on_hold", "completed", "failed", "no_show", "closed_verified", "cancel_requested", "cancelled",
                "revoked", "entered_in_error",
            ])
    }

    @Test func theTimelineNamesAReferralsEventAfterItsStatus() {
        let events: [ReferralEvent] = [
            .request, .receive, .accept, .reject(.other, suggested: nil), .object(.other), .schedule, .start, .hold,
            .complete(.resolved), .fail(.notResolved), .recordNoShow, .verify, .requestCancel, .cancel, .revoke,
            .markAsError,
        ]
        for event in events {
            #expect(event.kind.rawValue == "referral_" + event.result.rawValue)
        }
        #expect(Set(events.map(\.result)).count == ReferralStatus.allCases.count - 1)
    }
}
