public import Casework
public import FoundationEssentials
import PostgresClient

/// A clock to start. Its due time is computed once, by the caller, from the rule set and the holiday calendar.
public struct NewClock: Sendable, Equatable {
    public var id: UUID
    public var name: ClockName
    /// The law or rule that sets it.
    public var basis: String
    public var dueAt: Date

    public init(id: UUID, name: ClockName, basis: String, dueAt: Date) {
        self.id = id
        self.name = name
        self.basis = basis
        self.dueAt = dueAt
    }
}

/// What a clock to start is of.
public struct ClockStart: Sendable, Equatable {
    public let clock: NewClock
    public let kind: ClockKind
    public let caseID: UUID
    public let referralID: UUID?

    public init(_ clock: NewClock, _ kind: ClockKind, of caseID: UUID, referral: UUID? = nil) {
        self.clock = clock
        self.kind = kind
        self.caseID = caseID
        self.referralID = referral
    }
}

/// A clock as it is stored.
public struct ClockRecord: Sendable, Equatable {
    public let id: UUID
    public let caseID: UUID
    public let referralID: UUID?
    public let kind: ClockKind
    public let name: ClockName
    public let basis: String
    public let status: ClockStatus
    public let startedAt: Date
    public let dueAt: Date
    /// Since when it stands still.
    public let pausedAt: Date?

    init(caseID: UUID, row: PostgresRow) throws {
        self.id = try row.decode(column: "id")
        self.caseID = caseID
        self.referralID = try row.decode(column: "referral_id")
        self.kind = try row.word(column: "kind")
        self.name = try row.word(column: "name")
        self.basis = try row.decode(column: "basis")
        self.status = try row.word(column: "state")
        self.startedAt = try row.decode(column: "started_at")
        self.dueAt = try row.decode(column: "due_at")
        self.pausedAt = try row.decode(column: "paused_at")
    }
}

/// A clock as its `clock_due` job finds it.
public struct DueClock: Sendable, Equatable {
    public let id: UUID
    public let caseID: UUID
    public let referralID: UUID?
    public let kind: ClockKind
    public let name: ClockName
    public let basis: String
    public let status: ClockStatus
    public let startedAt: Date
    public let dueAt: Date
    /// Since when it stands still: then it is not due, whatever the time.
    public let pausedAt: Date?
    /// The database's clock when it was read.
    public let now: Date
    /// Whether the due time has passed.
    public var isDue: Bool { self.dueAt <= self.now }

    init(id: UUID, row: PostgresRow) throws {
        self.id = id
        self.caseID = try row.decode(column: "case_id")
        self.referralID = try row.decode(column: "referral_id")
        self.kind = try row.word(column: "kind")
        self.name = try row.word(column: "name")
        self.basis = try row.decode(column: "basis")
        self.status = try row.word(column: "state")
        self.startedAt = try row.decode(column: "started_at")
        self.dueAt = try row.decode(column: "due_at")
        self.pausedAt = try row.decode(column: "paused_at")
        self.now = try row.decode(column: "now")
    }
}

/// A clock that somebody has to look at: its due time has come.
public struct TakenClock: Sendable, Equatable {
    public let id: UUID
    /// Whether it had been taken before, and nobody has ended it since.
    public let wasTaken: Bool

    init(row: PostgresRow) throws {
        self.id = try row.decode(column: "id")
        self.wasTaken = try row.decode(column: "was_taken")
    }
}
