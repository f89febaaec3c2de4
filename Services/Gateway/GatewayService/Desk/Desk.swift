import AgencyDoors
import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import ServiceKit

/// The desk of an agency without a system of its own: what an inbox page needs. It leases like every other consumer and is
/// shown ids and words; a package is opened when somebody has said who reads it and why, and whoever answers or reports is
/// named. What happens then is what happens at the other doors.
struct Desk: Sendable {
    let pool: PostgresPool
    let doors: GatewayDoorStore
    let referrals: GatewayStore
    let answers: HandOverAnswers
    let reports: ReferralReports

    /// How many referrals are in each state that is not over.
    func counts(of agency: Agency) async throws -> DeskCountsAnswer {
        DeskCountsAnswer(
            counts: try await self.referrals.counts(of: agency.id, on: self.pool).map { count in
                DeskCountsAnswer.Count(
                    status: count.status.rawValue, referrals: count.referrals, overdue: count.overdue)
            })
    }

    /// Puts hand-overs that wait on the desk.
    func lease(_ body: DeskLeaseBody, for agency: Agency) async throws -> DeskLeasesAnswer {
        let handOvers = try await self.pool.retryingConflicts {
            try await self.doors.deskLease(
                limit: body.max ?? LeaseBody.maxRange.upperBound,
                for: .seconds(body.leaseSeconds ?? ExtendBody.leaseRange.upperBound), of: agency.id,
                requestedBy: agency.code, on: self.pool)
        }
        return DeskLeasesAnswer(leases: handOvers.map(DeskLeasesAnswer.Lease.init))
    }

    /// Opens the package of a lease for somebody: the record commits first, the bytes are read after that (invariant 5).
    func package(_ handle: LeaseHandle, _ body: DeskPackageBody, of agency: Agency) async throws -> DeskPackageAnswer {
        guard let reason = body.reason.flatMap(DeskReading.init(rawValue:)), let by = body.by else {
            throw HTTPProblem(.validationFailed)
        }
        let requested = try await self.pool.retryingConflicts {
            try await self.doors.deskRequestPackage(
                handle.number, lease: handle.alias, of: agency.id, requestedBy: agency.code,
                by: StaffID(rawValue: by), because: reason, on: self.pool)
        }
        try requested.result.check()
        guard let disclosure = requested.disclosure else { throw HTTPProblem(.unavailable, retryAfter: .seconds(5)) }
        let packages = try await self.pool.retryingConflicts {
            try await self.doors.readPackages([disclosure], of: agency.id, on: self.pool)
        }
        guard let package = packages[disclosure],
            let referral = try await self.referrals.referral(number: handle.number, of: agency.id, on: self.pool)
        else { throw HTTPProblem(.unavailable, retryAfter: .seconds(5)) }
        return DeskPackageAnswer(package, of: referral, agency: agency.id)
    }

    func answer(_ handle: LeaseHandle, _ body: DeskAnswerBody, of agency: Agency) async throws -> ReferralStateAnswer {
        guard let by = body.by else { throw HTTPProblem(.validationFailed) }
        return try await self.answers.answer(
            handle, of: agency, with: try Self.answer(body), by: StaffID(rawValue: by), text: body.text?.sent)
    }

    private static func answer(_ body: DeskAnswerBody) throws -> HandOverAnswers.Answer {
        switch (body.answer, body.reason.flatMap(RejectReason.init(rawValue:))) {
        case ("accept", _): .accept
        case ("reject", let reason?):
            .reject(reason, suggested: body.suggestedAgencyKind.map(AgencyKind.init(rawValue:)))
        case ("object", let reason?): .object(reason)
        case (_, _): throw HTTPProblem(.validationFailed)
        }
    }

    func report(_ number: String, _ body: DeskReportBody, of agency: Agency) async throws -> ReferralStateAnswer {
        guard let by = body.by, let status = body.status.flatMap(ReferralStatus.init(rawValue:)) else {
            throw HTTPProblem(.validationFailed)
        }
        let staff = StaffID(rawValue: by)
        guard let outcome = body.outcome.flatMap(Outcome.init(rawValue:)) else {
            return try await self.reports.progress(number, of: agency, to: status, by: staff, text: body.text?.sent)
        }
        return try await self.reports.outcome(number, of: agency, as: status, outcome, by: staff, text: body.text?.sent)
    }

    /// One referral without its package, and who did what with it.
    func view(_ text: String, of agency: Agency) async throws -> DeskViewAnswer {
        let referral = try await self.reports.referral(text, of: agency)
        let acts = try await self.doors.deskActs(referral.number, of: agency.id, on: self.pool)
        let texts = try await self.doors.deskTexts(referral.number, of: agency.id, on: self.pool)
        return DeskViewAnswer(
            referral: ReferralAnswer(referral), acts: acts.map(DeskViewAnswer.Act.init),
            texts: texts.map(DeskViewAnswer.Text.init))
    }
}
