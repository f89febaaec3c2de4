import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import TestSupport
import Testing

/// Invariant 7: a statutory clock is never silently extended, lost, or fired while it stands still.
@Suite struct ClockChangeStoreTests {
    private static let answer = ClockName(rawValue: "petition_answer")
    private static let outcome = ClockName(rawValue: "petition_outcome")

    @Test func aClockIsPausedAndRunsOnWithWhatWasLeft() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let clock = try await casework.start(Self.answer, .referralAnswer, of: new.id, dueIn: 86_400)
            let paused = try await casework.change(.pause(ground: "petition_objection"), clock, of: new)
            #expect(paused.change.kind == .paused && paused.change.basis.contains("信访工作条例"))
            // Its time comes and goes while it stands still: nobody fires it, and no sweep finds it.
            try await casework.pool.execute(Self.makeDue, clock)
            #expect(try await casework.end(clock, as: .breached) == false)
            #expect(try await casework.taken().isEmpty)
            let resumed = try await casework.change(.resume, clock, of: new)
            #expect(resumed.change.dueAfter >= resumed.change.dueBefore)
            let events = try await casework.events(of: new.id)
            #expect(events.suffix(2) == ["clock_paused", "clock_resumed"])
        }
    }

    @Test func aClockIsExtendedOnceOnAGround() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let clock = try await casework.start(Self.outcome, .referralOutcome, of: new.id, dueIn: 86_400)
            let before = try #require(try await ClockStore().byID(clock, on: casework.pool)).dueAt
            _ = try await casework.change(.extend(ground: "petition_complex"), clock, of: new)
            let after = try #require(try await ClockStore().byID(clock, on: casework.pool)).dueAt
            #expect(abs(after.timeIntervalSince(before) - 30 * 86_400) < 1)
            #expect(await casework.obstacle(.extend(ground: "petition_complex"), clock, of: new) == .alreadyExtended)
        }
    }

    @Test func withoutAGroundNothingChanges() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let clock = try await casework.start(Self.outcome, .referralOutcome, of: new.id, dueIn: 86_400)
            let safety = try await casework.start(
                ClockName(rawValue: "protection_order"), .referralOutcome, of: new.id, dueIn: 86_400)
            let late = try await casework.start(Self.answer, .referralAnswer, of: new.id, dueIn: -1)
            #expect(await casework.obstacle(.extend(ground: "no_such_ground"), clock, of: new) == .noGround)
            #expect(await casework.obstacle(.extend(ground: "petition_complex"), safety, of: new) == .noGround)
            #expect(await casework.obstacle(.pause(ground: "petition_complex"), clock, of: new) == .wrongEffect)
            #expect(await casework.obstacle(.pause(ground: "petition_objection"), late, of: new) == .tooLate)
            #expect(await casework.obstacle(.resume, clock, of: new) == .notPaused)
            let code = await refusal {
                _ = try await casework.change(
                    .extend(ground: "petition_complex"), clock, of: new, by: casework.worker)
            }
            #expect(code == .staffMayNot, "a supervisor approves")
            let other = try await casework.openCase()
            let elsewhere = await refusal {
                _ = try await casework.change(.extend(ground: "petition_complex"), clock, of: other)
            }
            #expect(elsewhere == .unknownCase)
            #expect(try await casework.pool.execute(Self.changes).first?.decode(Int64.self) == 0)
        }
    }

    /// Invariant 2: a clock that stands still does not run.
    @Test func theLastRunningClockCannotBePaused() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let clock = try await casework.start(Self.answer, .referralAnswer, of: new.id, dueIn: 86_400)
            _ = try await casework.end(new.firstResponse.id, as: .met)
            let code = await refusal {
                _ = try await casework.change(.pause(ground: "petition_objection"), clock, of: new)
            }
            #expect(code == .openCaseWithoutClock)
            #expect(try await ClockStore().byID(clock, on: casework.pool)?.pausedAt == nil)
        }
    }

    @Test func whatWasChangedCannotBeUnwritten() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let clock = try await casework.start(Self.outcome, .referralOutcome, of: new.id, dueIn: 86_400)
            _ = try await casework.change(.extend(ground: "petition_complex"), clock, of: new)
            for statement in [Self.rewrite, Self.remove] {
                #expect(await refusal { try await casework.pool.execute(statement) } == .eventsAreAppendOnly)
            }
        }
    }

    /// Fires once: of many who look at the same moment one warns.
    @Test func aWarningIsGivenOnce() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let clock = try await casework.start(Self.outcome, .referralOutcome, of: new.id, dueIn: 3600)
            #expect(try await casework.taken().isEmpty)
            try await casework.pool.execute(Self.makeWarning, clock)
            #expect(try await casework.taken() == [clock])
            let warned = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await casework.pool.withTransaction("t") {
                            try await ClockStore().warn(clock, percent: 50, next: nil, in: $0)
                        }
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(warned == 1)
            #expect(try await casework.taken().isEmpty, "not before it is due")
            #expect(try await casework.events(of: new.id).filter { $0 == "clock_due_soon" }.count == 1)
        }
    }

    private static let makeDue = Statement(
        name: "t_due",
        """
        UPDATE casework.clock SET due_at = clock_timestamp() - interval '1 minute',
            look_at = clock_timestamp() - interval '1 minute' WHERE id = $1
        """)
    private static let makeWarning = Statement(
        name: "t_warning", "UPDATE casework.clock SET look_at = clock_timestamp() WHERE id = $1")
    private static let changes = Statement(name: "t_changes", "SELECT count(*) FROM casework.clock_change")
    private static let rewrite = Statement(name: "t_rewrite", "UPDATE casework.clock_change SET ground = 'x'")
    private static let remove = Statement(name: "t_remove", "DELETE FROM casework.clock_change")
}

extension CaseworkFixture {
    func start(
        _ name: ClockName, _ kind: ClockKind, of caseID: UUID, dueIn seconds: Double
    ) async throws -> UUID {
        let clock = NewClock(id: UUID(), name: name, basis: "test", dueAt: Date().addingTimeInterval(seconds))
        try await self.pool.withTransaction("test_start") { transaction in
            try ClockStore().start([ClockStart(clock, kind, of: caseID)], actor: "test", in: transaction)
        }
        return clock.id
    }

    /// The clocks that have to be looked at now.
    func taken() async throws -> [UUID] {
        try await self.pool.withTransaction("test_take") { transaction in
            try await ClockStore().takeDue(limit: 10, again: .seconds(60), in: transaction).map(\.id)
        }
    }

    func change(
        _ request: ClockChangeRequest, _ clock: UUID, of new: NewCase, by actor: CaseActor? = nil
    ) async throws -> ChangedClock {
        let rules = try Self.networkRules()
        return try await self.pool.withTransaction("test_change") { transaction in
            try await ClockStore().change(
                request, clock: clock, of: new.number, by: actor ?? self.supervisor, under: rules,
                calendar: .weekendsOnly, in: transaction)
        }
    }

    /// Why a change is not made; nil when it was, or for another reason.
    func obstacle(_ request: ClockChangeRequest, _ clock: UUID, of new: NewCase) async -> ClockChangeError.Code? {
        do {
            _ = try await self.change(request, clock, of: new)
            return nil
        } catch {
            return (error as? ClockChangeError)?.code
        }
    }

    static func networkRules() throws -> RuleSet {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let yaml = try Data(contentsOf: root.appending(path: "deploy/rules/network.yaml"))
        return try RuleSet(yaml: String(decoding: yaml, as: UTF8.self))
    }
}
