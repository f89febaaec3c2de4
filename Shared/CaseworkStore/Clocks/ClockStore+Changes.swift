public import Casework
public import FoundationEssentials
public import PostgresClient

/// A change of a running clock's time that a supervisor asks for.
public enum ClockChangeRequest: Sendable, Hashable {
    /// On the ground of this name in the rules.
    case pause(ground: String)
    case resume
    /// On the ground of this name in the rules.
    case extend(ground: String)
}

/// What became of a clock whose time was changed.
public struct ChangedClock: Sendable, Hashable {
    public let caseID: UUID
    public let clockID: UUID
    public let kind: ClockKind
    public let change: ClockChange
}

extension ClockStore {
    /// Pauses, resumes or extends a clock, on a ground the rules name for it and under the case's lock. Whoever resumes one
    /// enqueues its job again.
    ///
    /// - Throws: `ClockChangeError` when the ground or the clock's state does not allow it; `CaseworkError`: `unknownCase`
    ///   (also when the clock is not that case's), `unknownStaff`, `staffMayNot`, `relatedToParty`, `clockChanged`, and at
    ///   COMMIT `openCaseWithoutClock` when no other clock of the case would run.
    public func change(
        _ request: ClockChangeRequest, clock: UUID, of number: CaseNumber, by actor: CaseActor, under rules: RuleSet,
        calendar: HolidayCalendar, in transaction: PostgresTransaction
    ) async throws -> ChangedClock {
        let rows = try await transaction.call(
            Self.clockToChange, [number.rawValue, actor.client, actor.staff.rawValue, clock])
        guard let row = rows.first else { throw CaseworkError(code: .unknownCase, place: "clock") }
        let name: ClockName = try row.word(column: "name")
        let state: ClockStatus = try row.word(column: "state")
        let kind: ClockKind = try row.word(column: "kind")
        let ground = Self.ground(of: request)
        guard state == .running else { throw ClockChangeError(code: .notRunning, ground: ground) }
        guard let definition = rules.clock(name) else { throw ClockChangeError(code: .noGround, ground: ground) }
        let changes = try row.decode(PostgresJSON.self, column: "changes").decode([StoredChange].self).map(\.change)
        let pausedAt: Date? = try row.decode(column: "paused_at")
        let dueAt: Date = try row.decode(column: "due_at")
        let now: Date = try row.decode(column: "now")
        var changed = CaseClock(
            restoring: kind, definition: definition, startedAt: try row.decode(column: "started_at"), dueAt: dueAt,
            pausedAt: pausedAt,
            on: pausedAt == nil ? nil : Self.pausedOn(changes, rules), changes: changes)
        try Self.apply(request, to: &changed, by: actor.staff, at: now, rules: rules, calendar: calendar)
        guard let change = changed.changes.last else { throw ClockChangeError(code: .noGround, ground: ground) }
        try await transaction.call(
            Self.changeClock,
            [
                clock, actor.client, change.kind.rawValue, change.ground, change.basis, actor.staff.rawValue, now,
                dueAt,
                change.dueAfter,
            ])
        return ChangedClock(caseID: try row.decode(column: "case_id"), clockID: clock, kind: kind, change: change)
    }

    private static func apply(
        _ request: ClockChangeRequest, to clock: inout CaseClock, by staff: StaffID, at now: Date, rules: RuleSet,
        calendar: HolidayCalendar
    ) throws(ClockChangeError) {
        switch request {
        case .pause(let name):
            try clock.pause(on: try Self.ground(name, rules), by: staff.rawValue, at: now)
        case .resume:
            try clock.resume(by: staff.rawValue, at: now, calendar: calendar)
        case .extend(let name):
            try clock.extend(on: try Self.ground(name, rules), by: staff.rawValue, at: now, calendar: calendar)
        }
    }

    private static func ground(_ name: String, _ rules: RuleSet) throws(ClockChangeError) -> ClockChangeGround {
        guard let ground = rules.changes.grounds[name] else { throw ClockChangeError(code: .noGround, ground: name) }
        return ground
    }

    private static func ground(of request: ClockChangeRequest) -> String {
        switch request {
        case .pause(let ground), .extend(let ground): ground
        case .resume: ""
        }
    }

    /// The ground of the pause that stands. When the rules have dropped it since, what was written down then still says
    /// enough to let the clock run on.
    private static func pausedOn(_ changes: [ClockChange], _ rules: RuleSet) -> ClockChangeGround? {
        changes.last { $0.kind == .paused }.map { change in
            rules.changes.grounds[change.ground]
                ?? ClockChangeGround(name: change.ground, clocks: [], effect: .pause, basis: change.basis)
        }
    }

    /// A clock was looked at before its time: says when to look again (`nil`: when it is due) and whether people are warned
    /// now. True for the one call that warns of this part of its time.
    /// - Parameter percent: of its time that is over; `nil` when nobody is to be warned yet.
    public func warn(
        _ clock: UUID, percent: Int?, next: Date?, in transaction: PostgresTransaction
    ) async throws -> Bool {
        try await transaction.callForRow(
            Self.warnClock, [clock, percent.map { Int32($0) }, next]
        ).decode(Bool?.self) ?? false
    }
}

/// A change as the function hands it out: times are microseconds since 1970.
private struct StoredChange: Decodable {
    let kind: ClockChange.Kind
    let ground: String
    let basis: String
    let actor: String
    let at: Int64
    let due_before: Int64
    let due_after: Int64

    var change: ClockChange {
        ClockChange(
            kind: self.kind, ground: self.ground, basis: self.basis, actor: self.actor, at: Self.instant(self.at),
            dueBefore: Self.instant(self.due_before), dueAfter: Self.instant(self.due_after))
    }

    private static func instant(_ micros: Int64) -> Date {
        Date(timeIntervalSince1970: Double(micros) / 1_000_000)
    }
}
