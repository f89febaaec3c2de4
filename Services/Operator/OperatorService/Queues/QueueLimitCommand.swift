import ArgumentParser
import PostgresClient

/// Changes a queue's limits while the fleet works.
struct QueueLimitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limit", abstract: "Limits how many jobs of a queue run at a time or start per second.",
        discussion: """
            Holds at once and for every worker. Jobs that run already are counted, not stopped.

            Examples:

              dandelion queues limit notification --running 20
              dandelion queues limit notification --rate 5 --burst 10
              dandelion queues limit notification --none
            """)

    @Argument(help: "The queue.")
    var queue: String
    @Option(help: "At most so many jobs run at a time, in all workers together.")
    var running: Int?
    @Option(help: "So many jobs may start per second.")
    var rate: Double?
    @Option(help: "So many may start at once after a pause; a second's worth when left out.")
    var burst: Double?
    @Flag(help: "Takes the limit away.")
    var none = false
    @OptionGroup var database: DatabaseOptions

    func validate() throws {
        if self.none {
            guard self.running == nil, self.rate == nil, self.burst == nil else {
                throw ValidationError("--none stands alone.")
            }
            return
        }
        guard self.running != nil || self.rate != nil else {
            throw ValidationError("Name --running, --rate or --none.")
        }
        if let running, !(0...1_000_000).contains(running) {
            throw ValidationError("--running must be from 0 to 1000000.")
        }
        if let rate, !(0...1_000_000).contains(rate) { throw ValidationError("--rate must be from 0 to 1000000.") }
        if let burst {
            guard self.rate != nil else { throw ValidationError("--burst belongs to --rate.") }
            guard (1...1_000_000).contains(burst) else { throw ValidationError("--burst must be from 1 to 1000000.") }
        }
    }

    func run() async throws {
        try await self.database.withPool { pool in
            if self.none {
                try await pool.execute(QueueQueries.clearLimit, self.queue)
            } else {
                try await pool.execute(
                    QueueQueries.setLimit, self.queue, self.running.map { Int32($0) }, self.rate, self.burst)
            }
            try await pool.execute(QueueQueries.ring, [self.queue])
        }
        Terminal.line(self.none ? "\(self.queue) has no limit" : "\(self.queue) is limited")
    }
}
