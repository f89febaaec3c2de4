import AgencyDoors
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
    let doors: GatewayDoorStore
    let bell: JobBell
    let referrals: GatewayStore

    /// A page of the agency's referrals, newest first.
    func list(_ page: ReferralPage, of agency: Agency) async throws -> [AgencyReferral] {
        try await self.referrals.referrals(
            of: agency.id, limit: page.limit, after: page.after, statuses: page.statuses, purpose: page.purpose,
            on: self.pool)
    }

    /// One of the agency's referrals.
    /// - Throws: `HTTPProblem` 404 for a number that is not one of its referrals'.
    func referral(_ number: String, of agency: Agency) async throws -> AgencyReferral {
        try await self.find(number, of: agency, on: self.pool)
    }

    /// `scheduled`, `inProgress` or `onHold`.
    func progress(
        _ number: String, of agency: Agency, to status: ReferralStatus, by staff: StaffID? = nil, text: SentText? = nil
    ) async throws -> ReferralStateAnswer {
        try await self.report(number, of: agency, as: status, outcome: nil, by: staff, text: text)
    }

    /// `completed`, `failed` or `noShow`; routing hears of it.
    func outcome(
        _ number: String, of agency: Agency, as status: ReferralStatus, _ outcome: Outcome, by staff: StaffID? = nil,
        text: SentText? = nil
    ) async throws -> ReferralStateAnswer {
        try await self.report(number, of: agency, as: status, outcome: outcome, by: staff, text: text)
    }

    private func report(
        _ word: String, of agency: Agency, as status: ReferralStatus, outcome: Outcome?, by staff: StaffID?,
        text: SentText?
    ) async throws -> ReferralStateAnswer {
        guard let number = ReferralNumber.parse(word) else { throw HTTPProblem.notYours }
        for _ in 0..<4 {
            do {
                let reported = try await self.pool.withTransaction("gateway_report") { transaction in
                    let reported = try await self.doors.report(
                        number, of: agency.id, as: status, outcome: outcome, by: staff, text: text, on: transaction)
                    if reported.result == .done, outcome != nil {
                        transaction.afterCommit { self.bell.ring(Queues.routing) }
                    }
                    return reported
                }
                if reported.result == .referralState, let current = reported.status {
                    throw Self.refusal(of: current)
                }
                try reported.result.check()
                return ReferralStateAnswer(number, status)
            } catch let error as PostgresError where error.code == .commitOutcomeUnknown {
                // Find out. If it was not committed, do it now; a text that is there is not kept twice.
                if text != nil { continue }
                let referral = try await self.find(word, of: agency, on: self.pool)
                if referral.status == status, referral.outcome == outcome { return ReferralStateAnswer(number, status) }
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

    private static func refusal(of status: ReferralStatus) -> HTTPProblem {
        let reports = Set(ProgressBody.statuses + OutcomeBody.statuses)
        let allowed = ReferralStateMachine.allowed(from: status, by: .target).intersection(reports)
        let words = allowed.map(\.rawValue).sorted().joined(separator: ", ")
        return HTTPProblem(
            .referralState,
            "The referral is \(status.rawValue). What can be reported now: \(words.isEmpty ? "nothing" : words)."
        )
    }
}
