import FoundationEssentials

import JobTypes
import PostgresClient
import TestSupport
import Testing

@testable import JobQueue
@testable import JobWorker

/// Whatever happens in whatever order: each job is written once, slots hold, nothing that is held is handed back, and a
/// drain ends when, and only when, nothing is left.
@Suite struct FlowTests {
    @Test(arguments: 0..<300) func everyJobIsWrittenOnceUnderRandomEvents(seed: Int) throws {
        var generator = SplitMix(seed: UInt64(seed))
        var flow = Flow(plan: ClaimPlan(queues: ["a": 5, "b": 3], slots: 6, batch: 4))
        var nextID: Int64 = 0
        var claims: [ClaimPlan.Claim] = []
        var running: [(LeasedJob, QueueName)] = []
        var writing: [[Flow.Finished]] = []
        var written: [JobID: Int] = [:]
        var isOver = false
        for step in 0..<400 where !isOver {
            if step == 300 { flow.plan.drain() }
            switch Int.random(in: 0..<8, using: &generator) {
            case 0: flow.plan.bellRang(Bool.random(using: &generator) ? "a" : "b")
            case 1: flow.plan.lookedAt(waiting: ["a", "b"], limited: seed % 3 == 0 ? ["b"] : [])
            case 2 where !claims.isEmpty:
                let claim = claims.removeFirst()
                if Int.random(in: 0..<6, using: &generator) == 0 {
                    flow.claimed(claim, nil, took: .zero)
                } else {
                    let jobs = (0..<Int.random(in: 0...claim.limit, using: &generator)).map { _ in
                        nextID += 1
                        return LeasedJob.probe(nextID)
                    }
                    flow.claimed(claim, jobs, took: .zero)
                    running += jobs.map { ($0, claim.queue) }
                }
            case 3 where !running.isEmpty:
                let (job, queue) = running.remove(at: Int.random(in: 0..<running.count, using: &generator))
                let outcomes: [JobOutcome?] = [.completed, .completed, .retry(after: nil, code: "x"), nil]
                let outcome = outcomes[Int.random(in: 0..<4, using: &generator)]
                flow.finished(job, queue, outcome)
                if outcome == nil { written[job.id, default: 0] += 1 }
            case 4 where !writing.isEmpty:
                let batch = writing.removeFirst()
                let isWritten = Int.random(in: 0..<6, using: &generator) > 0
                flow.settled(batch, isWritten: isWritten)
                for finished in batch { written[finished.job.id, default: 0] += 1 }
            default:
                let isWaiting = flow.isWaiting
                switch flow.next() {
                case .wait: #expect(isWaiting)
                case .end:
                    #expect(step >= 300 && running.isEmpty && writing.isEmpty && claims.isEmpty)
                    isOver = true
                case .exchange(let batch, let claim):
                    #expect(!isWaiting && (!batch.isEmpty || claim != nil))
                    if !batch.isEmpty { writing.append(batch) }
                    if let claim { claims.append(claim) }
                case .settle(let batch):
                    #expect(!isWaiting && !batch.isEmpty)
                    writing.append(batch)
                case .handBack(let held):
                    #expect(!isWaiting && claims.isEmpty)
                    #expect(held.isSuperset(of: running.map(\.0.id)))
                    #expect(held.isSuperset(of: writing.joined().map(\.job.id)))
                    flow.handedBack(isDone: Bool.random(using: &generator))
                }
            }
            #expect((0...6).contains(flow.plan.running))
            #expect(running.count <= 6)
        }
        #expect(written.values.allSatisfy { $0 == 1 })
    }

    @Test func aClaimTakesTheCompletionsAlong() throws {
        var flow = Flow(plan: ClaimPlan(queues: ["a": 2], batch: 10))
        flow.plan.bellRang("a")
        guard case .exchange(let none, .some(let claim)) = flow.next(), none.isEmpty else { throw Unexpected() }
        flow.claimed(claim, [.probe(1), .probe(2)], took: .zero)
        guard case .wait = flow.next() else { throw Unexpected() }
        flow.finished(.probe(1), "a", .completed)
        flow.finished(.probe(2), "a", .completed)
        guard case .exchange(let batch, .some(let next)) = flow.next() else { throw Unexpected() }
        #expect(batch.count == 2 && next.limit == 2)
    }

    /// The permits of a limited queue come back with the completions, so a claim before them would not see them. Where the last
    /// claim found no room, others may hold the limit: completions do not wait for it.
    @Test func onALimitedQueueTheCompletionsGoFirst() throws {
        var flow = Flow(plan: ClaimPlan(queues: ["a": 2], batch: 10))
        flow.plan.lookedAt(waiting: ["a"], limited: ["a"])
        guard case .exchange(let none, .some(let claim)) = flow.next(), none.isEmpty else { throw Unexpected() }
        #expect(!claim.followsCompletions)
        flow.claimed(claim, [.probe(1, isLimited: true), .probe(2, isLimited: true)], took: .zero)
        flow.finished(.probe(1, isLimited: true), "a", .completed)
        flow.finished(.probe(2, isLimited: true), "a", .completed)
        guard case .exchange(let two, .some(let next)) = flow.next(), two.count == 2 else { throw Unexpected() }
        #expect(next.followsCompletions && next.limit == 2)
        flow.settled(two, isWritten: true)
        flow.claimed(next, [.probe(3, isLimited: true)], took: .zero)
        flow.finished(.probe(3, isLimited: true), "a", .completed)
        guard case .exchange(let batch, .none) = flow.next() else { throw Unexpected() }
        flow.settled(batch, isWritten: true)
        guard case .exchange(let nothing, .some) = flow.next(), nothing.isEmpty else { throw Unexpected() }
    }

    struct Unexpected: Error {}
}

extension LeasedJob {
    /// A job as a claim returns it.
    static func probe(_ number: Int64, isLimited: Bool = false) -> LeasedJob {
        LeasedJob(
            id: JobID(number), alias: UUID(), kind: "errand", arguments: PostgresJSON(text: "{}"), attempt: 1,
            maximumAttempts: 25, token: FencingToken(epoch: 1, number: number), leaseAlias: UUID(), leaseExpiresAt: nil,
            createdAt: Date(), priority: 4, position: number, isLimited: isLimited)
    }
}
