public import JobTypes
public import PostgresClient

/// How a worker process works. The defaults are the settings the figures in the documentation were measured with.
public struct JobWorkerConfiguration: Sendable {
    /// What operators see; need not be unique.
    public var name: String
    /// The queues and how many jobs of each run at a time in this process.
    public var queues: [QueueName: Int]
    /// How many jobs of all queues together run at a time; nil for the sum. When they are fewer than the jobs that wait,
    /// queues have them in turn, by their shares.
    public var slots: Int?
    /// The server. The worker keeps connections of its own for claims and heartbeats (`controlConnections`), so that busy
    /// handlers cannot starve them.
    public var database: PostgresConfiguration
    public var controlConnections = 2
    /// How often the worker says that it lives. The same statement finds jobs whose bell was lost, and elects the leader:
    /// it is all that an idle worker asks of the database.
    public var beatInterval: Duration = .milliseconds(2500)
    /// A worker that has not beaten for this long is dead, and its leases go back. Must be several heartbeats.
    public var aliveFor: Duration = .seconds(8)
    /// On shutdown, running jobs have this long to finish before they are cancelled and handed back.
    public var drainTime: Duration = .seconds(20)
    /// Most jobs taken in one claim.
    public var claimBatch = 500
    /// Whether this process stands for election to do the maintenance.
    public var maintains = true
    /// How long finished jobs are kept.
    public var historyRetention: Duration = .seconds(90 * 24 * 3600)

    public init(name: String, queues: [QueueName: Int], database: PostgresConfiguration) {
        self.name = name
        self.queues = queues
        self.database = database
    }
}
