public import FoundationEssentials

/// A clock 时限: a due time with a legal basis. A value; it is kept by the store and fired by the queue.
public struct CaseClock: Hashable, Sendable {
    public let kind: ClockKind
    /// The definition in the rule set it was started from.
    public let name: ClockName
    /// The law or rule that sets it.
    public let basis: String
    public let startedAt: Date
    /// When it runs out. It moves only by a recorded change on a legal ground (``changes``).
    public internal(set) var dueAt: Date
    public private(set) var status: ClockStatus
    /// Since when it stands still; `nil` while it runs.
    public internal(set) var pausedAt: Date?
    /// Every change of its time, oldest first: nothing else has moved it.
    public internal(set) var changes: [ClockChange] = []
    let duration: ClockDuration
    var pausedOn: ClockChangeGround?

    /// Starts a clock: its due time is computed once, here.
    public init(
        kind: ClockKind, definition: ClockDefinition, startedAt: Date, calendar: HolidayCalendar
    ) {
        self.kind = kind
        self.name = definition.name
        self.basis = definition.basis
        self.startedAt = startedAt
        self.duration = definition.duration
        self.dueAt = calendar.due(definition.duration, from: startedAt)
        self.status = .running
    }

    /// A clock as it was kept: running, with everything that changed its time so far.
    ///
    /// - Parameters:
    ///   - definition: what it was started from; the rules may have changed it since, the due time has not.
    ///   - ground: on which it is paused; `nil` while it runs.
    public init(
        restoring kind: ClockKind, definition: ClockDefinition, startedAt: Date, dueAt: Date, pausedAt: Date?,
        on ground: ClockChangeGround?, changes: [ClockChange]
    ) {
        self.kind = kind
        self.name = definition.name
        self.basis = definition.basis
        self.startedAt = startedAt
        self.duration = definition.duration
        self.dueAt = dueAt
        self.status = .running
        self.pausedAt = pausedAt
        self.pausedOn = ground
        self.changes = changes
    }

    /// What happened in time or too late: a running clock becomes met, or breached when it was due. A clock that is no
    /// longer running keeps its status.
    public mutating func meet(at now: Date) {
        guard self.status == .running else { return }
        self.status = now < self.dueAt || self.pausedAt.map { $0 < self.dueAt } ?? false ? .met : .breached
    }

    /// Fires a due clock. `true` exactly once, and never before it is due or while it stands still.
    public mutating func fire(at now: Date) -> Bool {
        guard self.status == .running, self.pausedAt == nil, now >= self.dueAt else { return false }
        self.status = .breached
        return true
    }

    /// Ends a running clock whose matter ended another way.
    public mutating func cancel() {
        guard self.status == .running else { return }
        self.status = .cancelled
    }

    /// When people are warned that the clock runs out: after these percentages of its time, the nearest of those that are
    /// past only once.
    public func warnings(_ percentages: [Int], after now: Date) -> [Date] {
        let whole = self.dueAt.timeIntervalSince(self.startedAt)
        return percentages.sorted().map { self.startedAt.addingTimeInterval(whole * Double($0) / 100) }
            .filter { $0 > now && $0 < self.dueAt }
    }
}
