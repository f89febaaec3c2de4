import Casework
import CaseworkStore
import FoundationEssentials
import Logging
import NIOConcurrencyHelpers
import PostgresClient

/// The first-response clock of a new case, from the rule set in force. A case is never refused for lack of rules:
/// without a usable set the network's own defaults hold.
final class FirstResponseClocks: Sendable {
    private struct State {
        var version: Int64?
        var ruleSet: RuleSet?
        /// How far the database's clock is ahead of ours, in seconds.
        var ahead: Double = 0
        var wasRead = false
        var readAgain: ContinuousClock.Instant?
    }

    private let pool: PostgresPool
    private let calendar: HolidayCalendar
    private let lifetime: Duration
    private let logger: Logger
    private let store = IntakeStore()
    private let state = NIOLockedValueBox(State())

    init(pool: PostgresPool, calendar: HolidayCalendar, lifetime: Duration = .seconds(5), logger: Logger) {
        self.pool = pool
        self.calendar = calendar
        self.lifetime = lifetime
        self.logger = logger
    }

    /// The clock for a case of this risk that is opened now, by the database's time. Its due time is a whole second, so
    /// that the answer to a repeated request, which reads it back, is the same to the letter.
    func clock(for risk: RiskLevel) async -> NewClock {
        await self.refreshIfDue()
        let (ruleSet, ahead) = self.state.withLockedValue { ($0.ruleSet, $0.ahead) }
        return self.clock(ruleSet?.firstResponse(for: risk) ?? .defaultFirstResponse(for: risk), ahead)
    }

    /// The owner's own time from now on, by level of danger: for a case that a call-back opens again.
    func ownersClocks() async -> [RiskLevel: NewClock] {
        await self.refreshIfDue()
        let (ruleSet, ahead) = self.state.withLockedValue { ($0.ruleSet, $0.ahead) }
        return Dictionary(
            uniqueKeysWithValues: RiskLevel.allCases.map { risk in
                (risk, self.clock(ruleSet?.caseAction(for: risk) ?? .defaultFirstResponse(for: risk), ahead))
            })
    }

    private func clock(_ definition: ClockDefinition, _ ahead: Double) -> NewClock {
        let due = self.calendar.due(definition.duration, from: Date().addingTimeInterval(ahead))
        return NewClock(
            id: UUID(), name: definition.name, basis: definition.basis,
            dueAt: Date(timeIntervalSince1970: due.timeIntervalSince1970.rounded(.down)))
    }

    /// One caller reads again when it is time; the others go on with what is known. Before the first reading nothing is
    /// known, so everybody reads.
    private func refreshIfDue() async {
        let isDue = self.state.withLockedValue { state in
            if state.wasRead, let readAgain = state.readAgain, .now < readAgain { return false }
            state.readAgain = .now + self.lifetime
            return true
        }
        guard isDue else { return }
        do {
            try await self.refresh()
        } catch {
            // Opening the case will find out by itself whether the database is there.
            self.logger.warning("Rule set not read; the last known one is used", metadata: ["error": "\(error)"])
        }
    }

    private func refresh() async throws {
        let sent = Date()
        if let now = try await self.pool.execute(Self.databaseTime).first?.decode(Date.self) {
            let middle = sent.addingTimeInterval(Date().timeIntervalSince(sent) / 2)
            self.state.withLockedValue { $0.ahead = now.timeIntervalSince(middle) }
        }
        let stored = try await self.store.activeRuleSet(on: self.pool)
        self.state.withLockedValue { $0.wasRead = true }
        guard let stored, stored.version != self.state.withLockedValue({ $0.version }) else { return }
        self.state.withLockedValue { $0.version = stored.version }
        do throws(RuleSetError) {
            let ruleSet = try RuleSet(yaml: stored.yaml)
            self.state.withLockedValue { $0.ruleSet = ruleSet }
        } catch {
            self.logger.error(
                "Active rule set cannot be read; the last known clocks are used",
                metadata: ["rules.version": "\(stored.version)", "rules.problems": "\(error.problems.count)"])
        }
    }

    static let databaseTime = Statement(name: "intake_database_time", "SELECT clock_timestamp()")
}
