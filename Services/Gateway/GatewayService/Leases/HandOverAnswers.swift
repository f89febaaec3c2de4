import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import JobQueue
import JobTypes
import PostgresClient
import ServiceKit

/// What an agency does with a lease: answer, extend, hand back. Each is one transaction under the lease's lock.
struct HandOverAnswers: Sendable {
    enum Answer: Sendable, Equatable {
        case accept
        case reject(RejectReason, suggested: AgencyKind?)
        case object(RejectReason)
    }

    let pool: PostgresPool
    let jobs: JobStore
    let bell: JobBell
    let referrals: GatewayStore
    var calendar = HolidayCalendar.weekendsOnly

    /// Within which an agency may object to a referral it has received: 《信访工作条例》第二十三条.
    static let objectionTime = ClockDuration.workingDays(5)

    /// Answers a hand-over: the referral's new status, the end of the hand-over's job and the job that tells routing
    /// commit together. An unknown COMMIT is found out before this returns.
    /// - Throws: `HTTPProblem`: 409 when the lease is over, the referral was withdrawn, or it is too late to object; 404 when it is not the agency's.
    func answer(_ handle: LeaseHandle, of agency: Agency, with answer: Answer) async throws -> ReferralStateAnswer {
        var commitWasUnknown = false
        for _ in 0..<4 {
            do {
                return try await self.answering { transaction in
                    let (job, referral) = try await self.locked(handle, of: agency, in: transaction)
                    try self.apply(answer, to: referral, handle: handle, agency: agency, in: transaction)
                    try self.jobs.postCompletion(job, in: transaction)
                    let answered = try JobRequest(ReferralAnswered(referralID: referral.id), queue: Queues.routing)
                    try self.jobs.post(answered, in: transaction)
                    return ReferralStateAnswer(number: referral.number.rawValue, status: answer.status.rawValue)
                }
            } catch let error as JobQueueError where error.code == .leaseLost {
                return try await self.whenOver(handle, of: agency, answer, commitWasUnknown: commitWasUnknown)
            } catch let error as CaseworkError where error.code == .referralState {
                throw HTTPProblem(
                    .referralState, "It was withdrawn or answered. Hand the lease back or let it run out.")
            } catch let error as CaseworkError where error.code == .objectionTooLate {
                throw HTTPProblem.objectionTooLate
            } catch let error as PostgresError where error.code == .commitOutcomeUnknown {
                // Once more: if it was committed, the lease is over now and whenOver() finds what it did.
                commitWasUnknown = true
            } catch let error as PostgresError where error.isConflict {
                continue  // Met another transaction; nothing was changed.
            }
        }
        throw HTTPProblem(
            commitWasUnknown ? .outcomeUnknown : .unavailable, "Try again: it takes effect once.",
            retryAfter: .seconds(1))
    }

    /// What was posted is refused at COMMIT.
    private func answering(
        _ body: (PostgresTransaction) async throws -> ReferralStateAnswer
    ) async throws -> ReferralStateAnswer {
        do {
            return try await self.pool.withTransaction("gateway_answer", body)
        } catch let error as PostgresError {
            throw error.refusal
        }
    }

    /// Makes the lease longer. Returns its new end.
    func extend(_ handle: LeaseHandle, of agency: Agency, by time: Duration) async throws -> Date {
        try await self.underLease(handle, of: agency, "gateway_extend") { job, transaction in
            try await self.jobs.extend(job, by: time, on: transaction)
        }
    }

    /// Gives the hand-over back unanswered; it does not count as an attempt.
    func handBack(_ handle: LeaseHandle, of agency: Agency, delay: Duration) async throws {
        try await self.underLease(handle, of: agency, "gateway_hand_back") { job, transaction in
            try await self.jobs.snooze(job, delay: delay, on: transaction)
            guard delay == .zero else { return }
            transaction.afterCommit { self.bell.ring(Queues.agency(agency.id)) }
        }
    }

    private func underLease<Value>(
        _ handle: LeaseHandle, of agency: Agency, _ name: StaticString,
        _ body: (LeasedJob, PostgresTransaction) async throws -> Value
    ) async throws -> Value {
        do {
            return try await self.pool.withTransaction(name) { transaction in
                let (job, _) = try await self.locked(handle, of: agency, in: transaction)
                return try await body(job, transaction)
            }
        } catch let error as JobQueueError where error.code == .leaseLost {
            throw try await self.over(handle, of: agency)
        }
    }

    /// The leased job, locked to the end of the transaction, and its referral.
    private func locked(
        _ handle: LeaseHandle, of agency: Agency, in transaction: PostgresTransaction
    ) async throws -> (LeasedJob, AgencyReferral) {
        let job = try await self.jobs.lease(
            alias: handle.alias, holder: Leasing.holder(agency), in: transaction)
        let offered = try job.decode(ReferralOffered.self)
        guard let referral = try await self.referrals.referral(id: offered.referralID, of: agency.id, on: transaction),
            referral.number == handle.number
        else { throw HTTPProblem.notYours }
        return (job, referral)
    }

    private func apply(
        _ answer: Answer, to referral: AgencyReferral, handle: LeaseHandle, agency: Agency,
        in transaction: PostgresTransaction
    ) throws {
        switch answer {
        case .accept:
            try self.referrals.postAccept(
                agency: agency.id, referral: referral.id, lease: handle.alias, in: transaction)
        case .reject(let reason, let suggested):
            try self.referrals.postDecline(
                agency: agency.id, referral: referral.id, lease: handle.alias, as: .rejected, reason: reason,
                suggestedKind: suggested, in: transaction)
        case .object(let reason):
            try self.referrals.postDecline(
                agency: agency.id, referral: referral.id, lease: handle.alias, as: .objected, reason: reason,
                suggestedKind: nil,
                notAfter: self.calendar.due(Self.objectionTime, from: referral.receivedAt ?? referral.requestedAt),
                in: transaction)
        }
    }

    /// The lease is over: was it this very answer that ended it?
    private func whenOver(
        _ handle: LeaseHandle, of agency: Agency, _ answer: Answer, commitWasUnknown: Bool
    ) async throws -> ReferralStateAnswer {
        guard let referral = try await self.referrals.referral(number: handle.number, of: agency.id, on: self.pool)
        else { throw HTTPProblem.notYours }
        let isOurs =
            switch answer {
            case .accept: referral.acceptedLease == handle.aliasText
            case .reject(let reason, _), .object(let reason):
                commitWasUnknown && referral.status == answer.status && referral.reasonCode == reason.rawValue
            }
        guard isOurs else { throw HTTPProblem.leaseLost }
        return ReferralStateAnswer(referral)
    }

    /// 409 for a lease of the agency's own referral, 404 for any other.
    private func over(_ handle: LeaseHandle, of agency: Agency) async throws -> HTTPProblem {
        try await self.referrals.referral(number: handle.number, of: agency.id, on: self.pool) == nil
            ? .notYours : .leaseLost
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
}

extension PostgresError {
    /// Two transactions met and this one was rolled back.
    var isConflict: Bool { self.sqlState == "40P01" || self.sqlState == "40001" }
}
