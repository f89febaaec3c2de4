import FoundationEssentials
import JobQueue
import JobTypes
import JobWorker
import Logging
import PostgresClient

/// Cases that go in rounds, by what their jobs are about.
typealias RoutingRounds = JobRounds<UUID, RoutingFate>

/// What a round has done for a job.
enum RoutingFate: Sendable {
    /// Everything, and the job is completed.
    case done
    /// Nothing: it goes alone from its beginning.
    case untouched
}

/// Jobs of one kind that are ready at the same moment, in one transaction: read at once, decided each by itself, written at
/// once. Where many are ready a case costs a fraction of what it costs alone.
///
/// A round does only what is usual. It waits for no lock: a case that somebody else holds leaves it, and so does one with
/// which anything is out of the ordinary, before anything is written for it. Whatever goes wrong, all of it is undone and each
/// goes alone: one case never decides about another.
struct RoutingRound: Sendable {
    /// What is to be written for each of `keys`; one that is missing goes alone.
    typealias Plan = @Sendable (_ keys: [UUID], _ transaction: PostgresTransaction) async throws -> [UUID: CaseWrites]

    let jobs: JobStore
    let name: StaticString
    let plan: Plan

    /// Runs a round.
    @Sendable func run(_ parts: [RoutingRounds.Part]) async -> [UUID: RoutingFate] {
        do {
            let done = try await JobContext.completing(parts.map(\.context), self.name) { transaction, held in
                let held = Set(held.map(\.job.id))
                let parts = parts.filter { held.contains($0.context.job.id) }
                guard !parts.isEmpty else { return [] }
                let plans = try await self.plan(parts.map(\.key), transaction)
                var writes = CaseWrites()
                var done: [JobContext] = []
                for part in parts {
                    guard let plan = plans[part.key] else { continue }
                    writes.add(plan)
                    done.append(part.context)
                }
                try writes.post(by: self.jobs, in: transaction)
                return done
            }
            let jobs = Set(done.map(\.job.id))
            return parts.reduce(into: [:]) { $0[$1.key] = jobs.contains($1.context.job.id) ? .done : .untouched }
        } catch {
            // Each finds out for itself what is wrong, and says so.
            parts.first?.context.logger.debug(
                "A round was undone; its jobs go one by one", metadata: ["job.count": "\(parts.count)"])
            return [:]
        }
    }
}

extension Router {
    /// Has a job done in a round, or alone where no round does it. Danger to life goes alone.
    func together(
        _ key: UUID, _ context: JobContext, _ name: StaticString, _ plan: @escaping RoutingRound.Plan,
        else alone: @Sendable () async throws -> JobOutcome
    ) async throws -> JobOutcome {
        guard let rounds = self.rounds, !context.isUrgent else { return try await alone() }
        let round = RoutingRound(jobs: self.jobs, name: name, plan: plan)
        switch await rounds.take(RoutingRounds.Part(key, context), round.run) {
        case .done: return .completed
        case .untouched: return try await rounds.alone(alone)
        }
    }
}
