import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import TestSupport
import Testing

struct ClockStoreTests {
    @Test func openCaseWithoutAClockCannotBeCommitted() async throws {
        try await withCasework { casework in
            let new = casework.newCase()
            let code = await refusal {
                try await casework.pool.withTransaction("test_no_clock") { transaction in
                    _ = try await IntakeStore().openCase(new, in: transaction)
                    try await transaction.execute(Self.deleteClocks, new.id)
                }
            }
            #expect(code == .openCaseWithoutClock)
            let cases = try await OperatorStore().recentCases(limit: 10, on: casework.pool)
            #expect(cases.isEmpty)
        }
    }

    @Test func lastClockOfAnOpenCaseCannotEnd() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            #expect(
                await refusal { _ = try await casework.end(new.firstResponse.id, as: .met) } == .openCaseWithoutClock)
            let clocks = try await ClockStore().of(caseID: new.id, on: casework.pool)
            #expect(clocks.map(\.status) == [.running])
        }
    }

    @Test func aClockMayEndWhenAnotherStartsInTheSameTransaction() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let next = casework.newClock(dueIn: 60)
            let ended = try await casework.pool.withTransaction("test_replace") { transaction in
                let ended = try await ClockStore().end(new.firstResponse.id, as: .met, actor: "test", in: transaction)
                try ClockStore().start(
                    [ClockStart(next, .caseAction, of: new.id)], actor: "test", in: transaction)
                return ended
            }
            #expect(ended)
            let clocks = try await ClockStore().of(caseID: new.id, on: casework.pool)
            #expect(Set(clocks.map(\.status)) == [.met, .running])
        }
    }

    /// Each transaction sees the other's clock still running; only one may commit. Once through the functions, once
    /// behind their back, as an operator with a table editor would.
    @Test(arguments: [true, false])
    func twoTransactionsCannotEachEndOneOfTwoClocks(throughFunctions: Bool) async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let second = try await casework.startClock(.caseAction, of: new.id, dueIn: 60)
            let firstEnded = TestSignal<Void>("the first clock is ended")
            let secondEnded = TestSignal<Void>("the second clock is ended")
            @Sendable func end(
                _ clock: UUID, then mine: TestSignal<Void>, after other: TestSignal<Void>
            ) async -> CaseworkError.Code? {
                await refusal {
                    try await casework.pool.withTransaction("test_skew") { transaction in
                        if throughFunctions {
                            _ = try await ClockStore().end(clock, as: .met, actor: "test", in: transaction)
                        } else {
                            try await transaction.execute(Self.endClockBehindTheFunctions, clock)
                            // Both have ended theirs before either commits.
                            mine.send()
                            try await other.wait()
                        }
                    }
                }
            }
            async let first = end(new.firstResponse.id, then: firstEnded, after: secondEnded)
            async let other = end(second, then: secondEnded, after: firstEnded)
            let codes = await [first, other]
            #expect(codes.filter { $0 == nil }.count == 1)
            #expect(codes.contains(.openCaseWithoutClock))
            let clocks = try await ClockStore().of(caseID: new.id, on: casework.pool)
            #expect(clocks.filter { $0.status == .running }.count == 1)
        }
    }

    @Test func aDueClockFiresOnceAmongTwentyCallers() async throws {
        try await withCasework(maximumConnections: 10) { casework in
            let new = try await casework.openCase()
            let clock = try await casework.startClock(.caseAction, of: new.id, dueIn: -1)
            let fired = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<20 { group.addTask { try await casework.end(clock, as: .breached) } }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(fired == 1)
            #expect(try await casework.events(of: new.id).filter { $0 == "clock_breached" }.count == 1)
        }
    }

    @Test func aClockCannotBeBreachedBeforeItIsDue() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let clock = try await casework.startClock(.caseAction, of: new.id, dueIn: 3600)
            #expect(try await casework.end(clock, as: .breached) == false)
            let found = try #require(try await ClockStore().byID(clock, on: casework.pool))
            #expect(found.status == .running)
            #expect(found.isDue == false)
            #expect(found.caseID == new.id)
        }
    }

    /// The agency answered in time; that routing ends the clock late is not the agency's breach.
    @Test func anAnswerInTimeCannotBecomeABreach() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let referral = try await casework.refer(new.id)
            let clock = try await casework.startClock(.referralAnswer, of: new.id, referral: referral.id, dueIn: -1)
            #expect(try await ClockStore().byID(clock, on: casework.pool)?.isDue == true)
            try await casework.step { gateway, transaction in
                try gateway.postAccept(
                    agency: casework.civilAffairs, referral: referral.id, lease: UUID(), in: transaction)
            }
            try await casework.pool.execute(Self.answeredBeforeDue, referral.id, clock)
            #expect(try await casework.end(clock, as: .breached) == false)
            #expect(try await casework.end(clock, as: .met))
        }
    }

    @Test func aLateAnswerDoesNotSaveTheClock() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let referral = try await casework.refer(new.id)
            let clock = try await casework.startClock(.referralAnswer, of: new.id, referral: referral.id, dueIn: -1)
            try await casework.step { gateway, transaction in
                try gateway.postAccept(
                    agency: casework.civilAffairs, referral: referral.id, lease: UUID(), in: transaction)
            }
            #expect(try await casework.end(clock, as: .breached))
        }
    }

    @Test func dueClocksAreTakenOnceUntilTheyAreTakenAgain() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let late = try await casework.startClock(.caseAction, of: new.id, dueIn: -10)
            let later = try await casework.startClock(.caseAction, of: new.id, dueIn: -20)
            let ended = try await casework.startClock(.caseAction, of: new.id, dueIn: -30)
            _ = try await casework.end(ended, as: .breached)
            let take: @Sendable (Int, Duration) async throws -> [TakenClock] = { limit, again in
                try await casework.pool.withTransaction("test_take") { transaction in
                    try await ClockStore().takeDue(limit: limit, again: again, in: transaction)
                }
            }
            let first = try await take(1, .seconds(60))
            #expect(first.map(\.id) == [later] && first.allSatisfy { !$0.wasTaken })
            #expect(try await take(10, .zero).map(\.id) == [late])
            let again = try await take(10, .seconds(60))
            #expect(again.map(\.id) == [late] && again.allSatisfy(\.wasTaken))
            #expect(try await take(10, .seconds(60)).isEmpty)
        }
    }

    @Test func closingEndsTheClocksButForTheFollowUp() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let followUp = try await casework.startClock(.followUp, of: new.id, dueIn: 60)
            let closed = try await casework.pool.withTransaction("test_close") { transaction in
                _ = try await ClosingStore().recordCallBack(
                    .confirmed, on: new.number, by: casework.worker, clocks: [:], in: transaction)
                return try await CaseStore().close(new.id, outcome: .placedSafely, actor: "test", in: transaction)
            }
            let again = try await casework.pool.withTransaction("test_close") { transaction in
                try await CaseStore().close(new.id, outcome: .resolved, actor: "test", in: transaction)
            }
            #expect(closed)
            #expect(again == false)
            let running = try await ClockStore().of(caseID: new.id, on: casework.pool).filter { $0.status == .running }
            #expect(running.map(\.id) == [followUp])
            let overview = try await OperatorStore().caseOverview(number: new.number, on: casework.pool)
            #expect(overview?.outcome == .placedSafely)
            #expect(overview?.closedAt != nil)
        }
    }

    private static let deleteClocks = Statement(
        name: "test_delete_clocks", "DELETE FROM casework.clock WHERE case_id = $1")
    private static let endClockBehindTheFunctions = Statement(
        name: "test_end_clock", "UPDATE casework.clock SET state = 'met', ended_at = clock_timestamp() WHERE id = $1")
    private static let answeredBeforeDue = Statement(
        name: "test_answered_before_due",
        """
        UPDATE casework.referral SET answered_at = k.due_at - interval '1 second'
        FROM casework.clock AS k WHERE referral.id = $1 AND k.id = $2
        """)
}
