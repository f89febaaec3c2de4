public import FoundationEssentials

extension CaseClock {
    /// Stops the clock while a legal ground lasts. Nothing changes when it throws.
    public mutating func pause(
        on ground: ClockChangeGround, by actor: String, at now: Date
    ) throws(ClockChangeError) {
        try self.check(ground, at: now)
        guard ground.effect == .pause else { throw ClockChangeError(code: .wrongEffect, ground: ground.name) }
        guard self.pausedAt == nil else { throw ClockChangeError(code: .alreadyPaused, ground: ground.name) }
        self.pausedAt = now
        self.pausedOn = ground
        self.record(ground, .paused, by: actor, at: now, dueBefore: self.dueAt)
    }

    /// Lets a paused clock run on with what was left of it. Nothing changes when it throws.
    public mutating func resume(
        by actor: String, at now: Date, calendar: HolidayCalendar
    ) throws(ClockChangeError) {
        guard self.status == .running, let pausedAt, let ground = self.pausedOn else {
            throw ClockChangeError(code: .notPaused, ground: "")
        }
        let before = self.dueAt
        // A clock of the machine that was set back must not shorten what was left.
        self.dueAt = max(before, calendar.due(before, of: self.duration, pausedFrom: pausedAt, to: max(pausedAt, now)))
        self.pausedAt = nil
        self.pausedOn = nil
        self.record(ground, .resumed, by: actor, at: now, dueBefore: before)
    }

    /// Gives more time on a legal ground, once for each ground. Nothing changes when it throws.
    public mutating func extend(
        on ground: ClockChangeGround, by actor: String, at now: Date, calendar: HolidayCalendar
    ) throws(ClockChangeError) {
        try self.check(ground, at: now)
        guard case .extend(let longer) = ground.effect else {
            throw ClockChangeError(code: .wrongEffect, ground: ground.name)
        }
        guard !self.changes.contains(where: { $0.ground == ground.name && $0.kind == .extended }) else {
            throw ClockChangeError(code: .alreadyExtended, ground: ground.name)
        }
        let before = self.dueAt
        self.dueAt = calendar.extended(before, by: longer)
        self.record(ground, .extended, by: actor, at: now, dueBefore: before)
    }

    private func check(_ ground: ClockChangeGround, at now: Date) throws(ClockChangeError) {
        guard self.status == .running else { throw ClockChangeError(code: .notRunning, ground: ground.name) }
        guard ground.clocks.contains(self.name), !ground.basis.isEmpty else {
            throw ClockChangeError(code: .noGround, ground: ground.name)
        }
        // What has run out has run out, even before anybody fired it.
        guard self.pausedAt != nil || now < self.dueAt else {
            throw ClockChangeError(code: .tooLate, ground: ground.name)
        }
    }

    private mutating func record(
        _ ground: ClockChangeGround, _ kind: ClockChange.Kind, by actor: String, at now: Date, dueBefore: Date
    ) {
        self.changes.append(
            ClockChange(
                kind: kind, ground: ground.name, basis: ground.basis, actor: actor, at: now, dueBefore: dueBefore,
                dueAfter: self.dueAt))
    }
}

/// One recorded change of a clock's time.
public struct ClockChange: Hashable, Sendable, Codable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        case paused
        case resumed
        case extended
    }

    public let kind: Kind
    /// The ground's name in the rule set.
    public let ground: String
    /// The law that allows it.
    public let basis: String
    /// Who did it; an id or a service's name.
    public let actor: String
    public let at: Date
    public let dueBefore: Date
    public let dueAfter: Date

    public init(
        kind: Kind, ground: String, basis: String, actor: String, at: Date, dueBefore: Date, dueAfter: Date
    ) {
        self.kind = kind
        self.ground = ground
        self.basis = basis
        self.actor = actor
        self.at = at
        self.dueBefore = dueBefore
        self.dueAfter = dueAfter
    }
}

/// Why a clock's time may not be changed.
public struct ClockChangeError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable, Hashable {
        case notRunning = "not_running"
        /// The rule set names no such ground for this clock.
        case noGround = "no_ground"
        /// The ground pauses and was used to extend, or the other way round.
        case wrongEffect = "wrong_effect"
        case alreadyPaused = "already_paused"
        case notPaused = "not_paused"
        case alreadyExtended = "already_extended"
        /// The clock is due already.
        case tooLate = "too_late"
    }

    public let code: Code
    public let ground: String

    public init(code: Code, ground: String) {
        self.code = code
        self.ground = ground
    }

    public var description: String { "the clock cannot be changed on ground '\(self.ground)' (\(self.code.rawValue))" }
}
