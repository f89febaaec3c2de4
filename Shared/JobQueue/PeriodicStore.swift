package import FoundationEssentials
public import JobTypes
public import PostgresClient

/// A job that is to be made again and again, at the times of a schedule.
///
/// Its arguments get the time they were made for under the key `nominal_at` (RFC 3339, UTC): work for "yesterday" has to
/// know which yesterday.
public struct PeriodicJob: Sendable {
    /// Names it in the database and to operators: letters in lower case, digits, `_ . -`.
    public let name: String
    public let schedule: Schedule
    public let catchUp: CatchUpPolicy
    public let queue: QueueName
    public let kind: JobKind
    /// The encoded arguments, without `nominal_at`.
    public let arguments: PostgresJSON
    public let priority: Int
    public let maximumAttempts: Int

    /// - Throws: `EncodingError` when the arguments cannot be encoded as a JSON object.
    public init<Arguments: JobArguments>(
        _ name: String, _ schedule: Schedule, catchUp: CatchUpPolicy = .one, _ arguments: Arguments, queue: QueueName,
        priority: Int = 4, maximumAttempts: Int = 25
    ) throws {
        self.name = name
        self.schedule = schedule
        self.catchUp = catchUp
        self.queue = queue
        self.kind = Arguments.kind
        self.arguments = try JobEnvelope.seal(arguments, trace: nil)
        self.priority = priority
        self.maximumAttempts = maximumAttempts
    }
}

/// The schedules in the database. Whoever leads fires them; see `queue.fire_periodic` for what makes a time fire once.
package struct PeriodicStore: Sendable {
    package init() {}

    /// Makes the schedule known, or changes it. Returns whether anything changed.
    @discardableResult
    package func put(_ job: PeriodicJob, on executor: some PostgresExecutor) async throws -> Bool {
        let rows = try await JobStore.run(
            Self.putPeriodic, on: executor,
            [
                job.name, job.schedule.description, job.catchUp.description, job.queue.rawValue, job.kind.rawValue,
                job.arguments, Int32(job.priority), Int32(job.maximumAttempts),
            ])
        return try JobStore.only(rows).decode(Bool.self)
    }

    /// A schedule whose next time has come or is not known.
    package struct Due: Sendable {
        package let name: String
        package let schedule: String
        package let catchUp: String
        package let dealtUntil: Date
        /// By the database's clock.
        package let now: Date
    }

    package func due(on executor: some PostgresExecutor) async throws -> [Due] {
        try await JobStore.run(Self.duePeriodic, on: executor, []).map { row in
            let (name, schedule, catchUp, dealtUntil, now) = try row.decode((String, String, String, Date, Date).self)
            return Due(name: name, schedule: schedule, catchUp: catchUp, dealtUntil: dealtUntil, now: now)
        }
    }

    /// Fires what is due of one schedule. Returns how many jobs were made, by queue.
    /// - Throws: `ScheduleError` when the stored schedule is one this program cannot read.
    package func fire(_ due: Due, on executor: some PostgresExecutor) async throws -> [QueueName: Int] {
        let schedule = try Schedule(due.schedule)
        let catchUp = try CatchUpPolicy(due.catchUp)
        // Whole seconds; what has been dealt with to a part of a second has been dealt with to its beginning.
        let now = Int64(due.now.timeIntervalSince1970.rounded(.down))
        let last = Int64(due.dealtUntil.timeIntervalSince1970.rounded(.down))
        let times = catchUp.due(schedule, after: last, now: now)
        let next = schedule.next(after: max(now, last))
        let rows = try await JobStore.run(
            Self.firePeriodic, on: executor,
            [
                due.name, due.schedule, times.map { Date(timeIntervalSince1970: Double($0)) },
                Date(timeIntervalSince1970: Double(now)), Date(timeIntervalSince1970: Double(next)),
            ])
        return try rows.reduce(into: [:]) { counts, row in
            counts[QueueName(rawValue: try row.decode(String.self)), default: 0] += 1
        }
    }
}

extension PeriodicStore {
    static let putPeriodic = Statement(
        name: "queue_put_periodic", "SELECT queue.put_periodic($1, $2, $3, $4, $5, $6, $7, $8)")
    static let duePeriodic = Statement(
        name: "queue_due_periodic",
        "SELECT name, schedule, catch_up, dealt_until, now FROM queue.due_periodic()")
    static let firePeriodic = Statement(
        name: "queue_fire_periodic", "SELECT queue FROM queue.fire_periodic($1, $2, $3, $4, $5)")

    /// Every statement of the store, for the test that prepares each.
    package static let statements = [putPeriodic, duePeriodic, firePeriodic]
}
