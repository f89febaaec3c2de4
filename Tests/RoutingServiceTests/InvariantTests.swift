import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import JobQueue
import PostgresClient
import TestSupport
import Testing

@testable import RoutingService

/// Random cases, answers of agencies, acts of staff, lost jobs, repeated jobs, crashes in the middle of a transaction and
/// clocks that jump: whatever comes, in whatever order, invariants 2, 5, 7 and 8 of the design hold after every step.
@Suite struct InvariantTests {
    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func nothingBreaksThem(seed: UInt64) async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            var generator = SplitMix(seed: seed &* 7919)
            let names = [
                "01-burn-injury", "02-left-home-yuquan", "03-violence-baotou", "04-quarrel-kulun", "05-legal-aid-sonid",
                "06-minor-hailar", "07-rejected-dongsheng", "08-silent-linhe",
            ]
            var cases: [UUID] = []
            for _ in 0..<2 { cases.append(try await network.open(names.randomElement(using: &generator) ?? names[0])) }
            try await network.route()
            var steps: [String] = []
            for _ in 0..<14 {
                let caseID = cases.randomElement(using: &generator) ?? cases[0]
                steps.append(try await self.step(network, caseID, &generator))
                // A worker may be away for a while, and jobs may come twice.
                if Int.random(in: 0..<4, using: &generator) > 0 { try await network.route() }
                try await self.check(database.pool, "seed \(seed): \(steps.joined(separator: ", "))")
            }
            try await network.route()
            try await self.check(database.pool, "seed \(seed): \(steps.joined(separator: ", ")), end")
        }
    }

    private func step(
        _ network: NetworkFixture, _ caseID: UUID, _ generator: inout SplitMix
    ) async throws -> String {
        let referrals = try await network.referrals(of: caseID)
        let waiting = referrals.filter { [.requested, .received].contains($0.status) }.randomElement(using: &generator)
        let working = referrals.filter(\.status.isUnderWay).randomElement(using: &generator)
        let choice = Int.random(in: 0..<12, using: &generator)
        do {
            switch choice {
            case 0: if let waiting { try await network.accept(waiting) }
            case 1: if let waiting { try await network.reject(waiting) }
            case 2: if let waiting { try await network.object(waiting) }
            case 3: if let working { try await network.report(working, .completed, .resolved) }
            case 4: if let working { try await network.report(working, .failed, .notResolved) }
            case 5: try await network.withdraw(on: caseID)
            case 6:
                try await network.callBack(
                    CallBack.Result.allCases.randomElement(using: &generator) ?? .confirmed, on: caseID)
            case 7:
                let kinds: [ClockKind] = [.referralAnswer, .referralOutcome, .caseAction, .firstResponse, .callBack]
                try await network.letRunOut(kinds.randomElement(using: &generator) ?? .caseAction, of: caseID)
            case 8:
                // The machine dies in the middle of a transaction: nothing of it stays.
                try await network.crash(caseID)
            case 9:
                try await network.act(on: caseID) { number, transaction in
                    _ = try await RiskStore().assess(
                        AssessmentBody(
                            by: NetworkFixture.worker.staff, occasion: .contact, answers: RiskScreening([.weapon]),
                            level: nil), on: number, by: NetworkFixture.worker, in: transaction)
                }
            case 10: try await network.repeatJobs(of: caseID, referrals)
            default: try await network.jumpClocks(by: Double.random(in: -7200...7200, using: &generator))
            }
        } catch let error as CaseworkError where Self.isRefusal(error) {
            return "\(choice) refused"
        } catch let error as PostgresError where CaseworkError(error).map(Self.isRefusal) == true {
            return "\(choice) refused"
        }
        return "\(choice)"
    }

    /// A closed case, a consent that was never given: answers, not failures.
    private static func isRefusal(_ error: CaseworkError) -> Bool {
        [.caseClosed, .unknownConsent, .referralState, .notPossible, .alreadySo].contains(error.code)
    }

    private func check(_ pool: PostgresPool, _ story: String) async throws {
        for (what, statement) in Self.broken {
            let count = try #require(try await pool.execute(statement).first).decode(Int64.self)
            #expect(count == 0, "\(what) after \(story)")
        }
    }

    private static let broken: [(String, Statement)] = [
        (
            "2: an open case without an owner or a running clock",
            Statement(
                name: "inv_2",
                """
                SELECT count(*)::int8 FROM casework.cases AS c WHERE c.status = 'open' AND (c.owner_station_id IS NULL
                    OR NOT EXISTS (SELECT 1 FROM casework.clock AS k
                        WHERE k.case_id = c.id AND k.state = 'running' AND k.paused_at IS NULL))
                """)
        ),
        (
            "5: a package of a referral that was revoked, after routing has looked",
            Statement(
                name: "inv_5",
                """
                SELECT count(*)::int8 FROM safeguarding.sealed_package AS s JOIN casework.referral AS r
                    ON r.id = s.referral_id WHERE r.status = 'revoked' AND NOT EXISTS (
                        SELECT 1 FROM queue.job AS j WHERE j.kind = 'case_changed')
                """)
        ),
        (
            "5: a disclosure to another agency than the referral's",
            Statement(
                name: "inv_5b",
                """
                SELECT count(*)::int8 FROM safeguarding.disclosure AS d JOIN casework.referral AS r
                    ON r.id = d.referral_id WHERE d.agency_id <> r.agency_id
                """)
        ),
        (
            "7: a clock that ended twice, or whose end is no event",
            Statement(
                name: "inv_7",
                """
                SELECT count(*)::int8 FROM casework.clock AS k WHERE (SELECT count(*) FROM casework.event AS e
                    WHERE e.case_id = k.case_id AND e.kind IN ('clock_met', 'clock_breached', 'clock_cancelled')
                        AND e.data ->> 'clock' = k.id::text) <> CASE WHEN k.state = 'running' THEN 0 ELSE 1 END
                """)
        ),
        (
            "7: a recorded change of a clock's time that no event tells",
            Statement(
                name: "inv_7b",
                """
                SELECT count(*)::int8 FROM casework.clock_change AS c WHERE NOT EXISTS (SELECT 1 FROM casework.event AS e
                    WHERE e.kind = 'clock_' || c.kind AND e.data ->> 'clock' = c.clock_id::text)
                """)
        ),
        (
            "8: a referral whose status no event tells",
            Statement(
                name: "inv_8",
                """
                SELECT count(*)::int8 FROM casework.referral AS r WHERE NOT EXISTS (SELECT 1 FROM casework.event AS e
                    WHERE e.referral_id = r.id AND e.kind = 'referral_' || r.status)
                """)
        ),
        (
            "8: a case closed, or opened again, without an event",
            Statement(
                name: "inv_8b",
                """
                SELECT count(*)::int8 FROM casework.cases AS c WHERE (
                    SELECT count(*) FILTER (WHERE e.kind = 'case_closed') - count(*) FILTER (WHERE e.kind = 'case_reopened')
                    FROM casework.event AS e WHERE e.case_id = c.id) <> CASE c.status WHEN 'closed' THEN 1 ELSE 0 END
                """)
        ),
        (
            "a case closed without a call-back",
            Statement(
                name: "inv_close",
                """
                SELECT count(*)::int8 FROM casework.cases AS c WHERE c.status = 'closed'
                    AND NOT EXISTS (SELECT 1 FROM casework.call_back AS b WHERE b.case_id = c.id)
                """)
        ),
    ]
}

extension NetworkFixture {
    private struct Crash: Error {}

    /// Half of what routing would do, and then the end.
    func crash(_ caseID: UUID) async throws {
        do {
            try await self.database.pool.withTransaction("crash") { transaction in
                _ = try await CaseStore().lock(caseID, in: transaction)
                for clock in try await ClockStore().of(caseID: caseID, on: transaction) where clock.status == .running {
                    _ = try await ClockStore().end(clock.id, as: .cancelled, actor: "crash", in: transaction)
                }
                throw Crash()
            }
        } catch is Crash {}
    }

    /// Every job of the case is delivered once more.
    func repeatJobs(of caseID: UUID, _ referrals: [ReferralRecord]) async throws {
        let clocks = try await self.clocks(of: caseID)
        try await self.database.pool.withTransaction("again") { transaction in
            try await self.jobs.enqueue(JobRequest(CaseOpened(caseID: caseID), queue: Queues.routing), in: transaction)
            try await self.jobs.enqueue(JobRequest(CaseChanged(caseID: caseID), queue: Queues.routing), in: transaction)
            for referral in referrals {
                try await self.jobs.enqueue(
                    JobRequest(ReferralAnswered(referralID: referral.id), queue: Queues.routing), in: transaction)
            }
            for clock in clocks {
                try await self.jobs.enqueue(
                    JobRequest(ClockDue(clockID: clock.id), queue: Queues.routing), in: transaction)
            }
        }
    }

    /// The machine's clock is set: to the database everything lies so much nearer or farther.
    func jumpClocks(by seconds: Double) async throws {
        try await self.database.pool.execute(Self.jump, seconds)
        try await self.sweep.sweepClocks()
    }

    private static let jump = Statement(
        name: "test_jump",
        """
        UPDATE casework.clock SET due_at = due_at - make_interval(secs => $1), look_at = look_at - make_interval(secs => $1),
            started_at = started_at - make_interval(secs => $1)
        WHERE state = 'running'
        """)
}
