public import FoundationEssentials

/// A clock 时限: a due time with a legal basis. A value; it is kept by the store and fired by the queue.
public struct CaseClock: Hashable, Sendable {
    public let kind: ClockKind
    /// The definition in the rule set it was started from.
    public let name: ClockName
    /// The law or rule that sets it.
    public let basis: String
    public let startedAt: Date
    public let dueAt: Date
    public private(set) var status: ClockStatus

    /// Starts a clock: its due time is computed once, here, and never again.
    public init(
        kind: ClockKind, definition: ClockDefinition, startedAt: Date, calendar: HolidayCalendar
    ) {
        self.kind = kind
        self.name = definition.name
        self.basis = definition.basis
        self.startedAt = startedAt
        self.dueAt = calendar.due(definition.duration, from: startedAt)
        self.status = .running
    }

    /// What happened in time or too late: a running clock becomes met, or breached when it was due. A clock that is no
    /// longer running keeps its status.
    public mutating func meet(at now: Date) {
        guard self.status == .running else { return }
        self.status = now < self.dueAt ? .met : .breached
    }

    /// Fires a due clock. `true` exactly once, and never before it is due.
    public mutating func fire(at now: Date) -> Bool {
        guard self.status == .running, now >= self.dueAt else { return false }
        self.status = .breached
        return true
    }

    /// Ends a running clock whose matter ended another way.
    public mutating func cancel() {
        guard self.status == .running else { return }
        self.status = .cancelled
    }
}

/// The name of a clock definition in a rule set.
public struct ClockName: Code {
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }
}

/// A clock as a rule set defines it: how long, and by what law.
public struct ClockDefinition: Hashable, Sendable, Codable {
    public let name: ClockName
    public let duration: ClockDuration
    /// The law or rule that sets it, in Chinese.
    public let basis: String

    public init(name: ClockName, duration: ClockDuration, basis: String) {
        self.name = name
        self.duration = duration
        self.basis = basis
    }

    /// The first-response clock that holds when no rule set says otherwise: 15 minutes for P0, 2 hours for P1, 24 hours
    /// for P2, 2 working days for P3 (the network's service ladder).
    public static func defaultFirstResponse(for risk: RiskLevel) -> ClockDefinition {
        let duration: ClockDuration =
            switch risk {
            case .imminent: .elapsed(seconds: 15 * 60)
            case .high: .elapsed(seconds: 2 * 3600)
            case .medium: .elapsed(seconds: 24 * 3600)
            case .low: .workingDays(2)
            }
        return ClockDefinition(
            name: ClockName(rawValue: "first_response_p\(risk.priority)"), duration: duration,
            basis: "妇联维权服务响应时限（内部规定，可配置）")
    }
}
