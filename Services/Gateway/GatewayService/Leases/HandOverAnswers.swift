import AgencyDoors
import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import JobQueue
import PostgresClient
import ServiceKit

/// What an agency does with a lease: answer, extend, hand back. Each is one call and one transaction; acceptances without a word to them
/// that come at the same moment go together (`GatewayRounds`).
struct HandOverAnswers: Sendable {
    enum Answer: Sendable, Equatable {
        case accept
        case reject(RejectReason, suggested: AgencyKind?)
        case object(RejectReason)
    }

    let pool: PostgresPool
    let doors: GatewayDoorStore
    let bell: JobBell
    let referrals: GatewayStore
    var calendar = HolidayCalendar.weekendsOnly
    var rounds: GatewayRounds?

    /// Within which an agency may object to a referral it has received: 《信访工作条例》第二十三条.
    static let objectionTime = ClockDuration.workingDays(5)

    /// Answers a hand-over: the referral's new status, the end of the hand-over's job and the job that tells routing
    /// commit together. An unknown COMMIT is found out before this returns.
    /// - Throws: `HTTPProblem`: 409 when the lease is over, the referral was withdrawn, or it is too late to object; 404 when it is not the agency's.
    /// - Parameters:
    ///   - staff: who answers, at the agency's desk.
    ///   - text: what came with it, sealed.
    func answer(
        _ handle: LeaseHandle, of agency: Agency, with answer: Answer, by staff: StaffID? = nil, text: SentText? = nil
    ) async throws -> ReferralStateAnswer {
        var commitWasUnknown = false
        if let rounds = self.rounds, answer == .accept, staff == nil, text == nil {
            switch await rounds.accept(.init(handle.number, lease: handle.alias, of: agency.id)) {
            case .accepted: return ReferralStateAnswer(handle.number, .accepted)
            case .untouched: break
            case .unknown: commitWasUnknown = true
            }
        }
        let notAfter = try await self.lastInstant(of: answer, handle, agency)
        for attempt in 0..<4 {
            do {
                if attempt > 0 { try await Task.sleep(for: .milliseconds(25 << attempt)) }
                let answered = try await self.pool.withTransaction("gateway_answer") { transaction in
                    let answered = try await self.doors.answer(
                        handle.number, lease: handle.alias, of: agency.id, as: answer.status, reason: answer.reason,
                        suggestedKind: answer.suggestedKind, notAfter: notAfter, by: staff, text: text,
                        on: transaction)
                    if answered.result == .done {
                        transaction.afterCommit { self.bell.ring(Queues.routing) }
                    }
                    return answered
                }
                // An acceptance is known by its lease: the database says "done" to the one that accepted, and to no other.
                if answered.result == .leaseLost, commitWasUnknown, answer != .accept, answered.status == answer.status,
                    answered.reasonCode == answer.reason?.rawValue
                {
                    return ReferralStateAnswer(handle.number, answer.status)  // It was this very answer that ended it.
                }
                try answered.result.check()
                return ReferralStateAnswer(handle.number, answered.status ?? answer.status)
            } catch let error as PostgresError where error.code == .commitOutcomeUnknown {
                // Once more: if it was committed, the lease is over now and the answer is found.
                commitWasUnknown = true
            } catch let error as PostgresError where error.isConflict || commitWasUnknown {
                continue  // Met another transaction, or could not find out yet; this time nothing was changed.
            } catch is CancellationError {
                break  // Between two attempts.
            }
        }
        throw HTTPProblem(
            commitWasUnknown ? .outcomeUnknown : .unavailable, "Try again: it takes effect once.",
            retryAfter: .seconds(1))
    }

    /// Makes the lease longer. Returns its new end.
    func extend(_ handle: LeaseHandle, of agency: Agency, by time: Duration) async throws -> Date {
        let extended = try await self.pool.retryingConflicts {
            try await self.doors.extend(handle.number, lease: handle.alias, of: agency.id, by: time, on: self.pool)
        }
        try extended.result.check()
        guard let end = extended.expiresAt else { throw HTTPProblem.leaseLost }
        return end
    }

    /// Gives the hand-over back unanswered; it does not count as an attempt.
    func handBack(_ handle: LeaseHandle, of agency: Agency, delay: Duration) async throws {
        try await self.pool.retryingConflicts {
            try await self.doors.handBack(
                handle.number, lease: handle.alias, of: agency.id, delay: delay, on: self.pool)
        }.check()
        if delay == .zero { self.bell.ring(Queues.agency(agency.id)) }
    }

    /// Until when it may be given: objections have their time, from the day on which the agency received the referral.
    private func lastInstant(of answer: Answer, _ handle: LeaseHandle, _ agency: Agency) async throws -> Date? {
        guard case .object = answer else { return nil }
        guard let referral = try await self.referrals.referral(number: handle.number, of: agency.id, on: self.pool)
        else { throw HTTPProblem.notYours }
        return self.calendar.due(Self.objectionTime, from: referral.receivedAt ?? referral.requestedAt)
    }
}

extension HandOverAnswers.Answer {
    /// The status it leads to.
    var status: ReferralStatus {
        switch self {
        case .accept: .accepted
        case .reject: .rejected
        case .object: .objected
        }
    }

    var reason: RejectReason? {
        switch self {
        case .accept: nil
        case .reject(let reason, _), .object(let reason): reason
        }
    }

    var suggestedKind: AgencyKind? {
        if case .reject(_, let suggested) = self { suggested } else { nil }
    }
}
