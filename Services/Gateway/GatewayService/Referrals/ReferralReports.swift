import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import JobQueue
import PostgresClient
import ServiceKit

/// What an agency reports on referrals it has accepted, and what it sees of its referrals.
///
/// A report that finds itself done already is no error: the first answer may have been lost on its way.
struct ReferralReports: Sendable {
    let pool: PostgresPool
    let jobs: JobStore
    let referrals: GatewayStore

    /// The agency's referrals, newest first.
    func list(of agency: Agency, limit: Int) async throws -> [AgencyReferral] {
        try await self.referrals.referrals(of: agency.id, limit: limit, on: self.pool)
    }

    /// One of the agency's referrals.
    /// - Throws: `HTTPProblem` 404 for a number that is not one of its referrals'.
    func referral(_ number: String, of agency: Agency) async throws -> AgencyReferral {
        try await self.find(number, of: agency, on: self.pool)
    }

    /// `scheduled`, `inProgress` or `onHold`.
    func progress(_ number: String, of agency: Agency, to status: ReferralStatus) async throws -> ReferralStateAnswer {
        try await self.report(number, of: agency, to: status) { referral, transaction in
            try await self.referrals.progress(
                agency: agency.id, referral: referral.id, to: status, in: transaction)
        } isDone: {
            $0.status == status
        }
    }

    /// `completed`, `failed` or `noShow`; routing hears of it.
    func outcome(
        _ number: String, of agency: Agency, as status: ReferralStatus, _ outcome: Outcome
    ) async throws -> ReferralStateAnswer {
        try await self.report(number, of: agency, to: status) { referral, transaction in
            try await self.referrals.outcome(
                agency: agency.id, referral: referral.id, as: status, outcome: outcome, in: transaction)
            let answered = try JobRequest(ReferralAnswered(referralID: referral.id), queue: Queues.routing)
            try self.jobs.post(answered, in: transaction)
        } isDone: {
            $0.status == status && $0.outcome == outcome
        }
    }

    private func report(
        _ number: String, of agency: Agency, to status: ReferralStatus,
        _ change: (AgencyReferral, PostgresTransaction) async throws -> Void,
        isDone: (AgencyReferral) -> Bool
    ) async throws -> ReferralStateAnswer {
        for _ in 0..<4 {
            do {
                return try await self.pool.withTransaction("gateway_report") { transaction in
                    let referral = try await self.find(number, of: agency, on: transaction)
                    try await change(referral, transaction)
                    return ReferralStateAnswer(number: referral.number.rawValue, status: status.rawValue)
                }
            } catch let error as CaseworkError where error.code == .referralState {
                let referral = try await self.find(number, of: agency, on: self.pool)
                guard isDone(referral) else { throw Self.refusal(of: referral) }
                return ReferralStateAnswer(referral)
            } catch let error as PostgresError where error.code == .commitOutcomeUnknown {
                // Find out. If it was not committed, do it now.
                let referral = try await self.find(number, of: agency, on: self.pool)
                if isDone(referral) { return ReferralStateAnswer(referral) }
            } catch let error as PostgresError where error.isConflict {
                continue
            }
        }
        throw HTTPProblem(.unavailable, "Try again: it takes effect once.", retryAfter: .seconds(1))
    }

    private func find(
        _ text: String, of agency: Agency, on executor: some PostgresExecutor
    ) async throws -> AgencyReferral {
        guard let number = ReferralNumber.parse(text),
            let referral = try await self.referrals.referral(number: number, of: agency.id, on: executor)
        else { throw HTTPProblem.notYours }
        return referral
    }

    private static func refusal(of referral: AgencyReferral) -> HTTPProblem {
        let reports = Set(ProgressBody.statuses + OutcomeBody.statuses)
        let allowed = ReferralStateMachine.allowed(from: referral.status, by: .target).intersection(reports)
        let words = allowed.map(\.rawValue).sorted().joined(separator: ", ")
        return HTTPProblem(
            .referralState,
            "The referral is \(referral.status.rawValue). What can be reported now: \(words.isEmpty ? "nothing" : words)."
        )
    }
}
