import FoundationEssentials
import JobQueue
import Logging
import PostgresClient

/// Stands for election among the workers of a database; the leader does the maintenance.
///
/// Two leaders for a moment would do no harm: every maintenance function locks what it touches and skips what is locked.
struct Elector: Sendable {
    static let name = "job_maintenance"

    let candidate = UUID()
    let pool: PostgresPool
    let term: Duration
    let logger: Logger
    private let workers = WorkerStore()

    init(pool: PostgresPool, term: Duration = .seconds(10), logger: Logger) {
        self.pool = pool
        self.term = term
        self.logger = logger
    }

    /// Whether this process leads for the next term.
    func elect() async -> Bool {
        do {
            return try await self.workers.elect(Self.name, holder: self.candidate, holdFor: self.term, on: self.pool)
                != nil
        } catch {
            self.logger.debug("Election not held", metadata: ["error": "\(error)"])
            return false
        }
    }

    /// Lets another take over at once.
    func resign() async {
        do {
            try await self.workers.resign(Self.name, holder: self.candidate, on: self.pool)
        } catch {
            self.logger.debug("Not resigned; the term ends by itself", metadata: ["error": "\(error)"])
        }
    }
}
