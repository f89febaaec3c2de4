import FoundationEssentials
import JobQueue
import JobTypes
import PostgresClient
import TestSupport
import Testing

/// The beat finds what a lost bell would have told, at a cost that does not grow with the queues there are.
struct WaitingQueuesTests {
    @Test(arguments: [3, 200]) func aBeatFindsTheQueuesThatHaveJobs(queues: Int) async throws {
        try await withQueue { queue in
            let names = (0..<queues).map { QueueName(rawValue: "many-\($0)") }
            let worker = UUID()
            try await queue.workers.register(
                worker, name: "many", queues: names, slots: 10, aliveFor: .seconds(600), on: queue.pool)
            func waiting() async throws -> Set<QueueName> {
                Set(
                    try await queue.workers.beat(
                        worker, running: 0, isDraining: false, aliveFor: .seconds(600), on: queue.pool
                    ).waiting
                ).intersection(names)
            }
            #expect(try await waiting() == [])
            try await queue.enqueue(1, queue: names[1])
            try await queue.enqueue(2, queue: names[2], priority: 9)
            try await queue.enqueue(3, queue: "aaa")
            try await queue.enqueue(4, queue: "zzz")
            #expect(try await waiting() == [names[1], names[2]])
            // Once the lanes are known and their jobs are gone, they are passed by.
            for _ in 0..<3 {
                for name in names.prefix(3) { try await queue.pool.execute(Self.age, name.rawValue) }
                for name in names.prefix(3) { try await queue.pool.execute(Self.advance, name.rawValue) }
            }
            #expect(try await waiting() == [names[1], names[2]])
            for name in [names[1], names[2]] {
                let jobs = try await queue.workers.claim(queue: name, limit: 10, worker: worker, on: queue.pool)
                #expect(jobs.count == 1)
                #expect(try await waiting().contains(name) == false)
                #expect(try await queue.workers.complete(jobs, on: queue.pool).count == 1)
            }
            #expect(try await waiting() == [])
        }
    }

    /// One of the candidates leads, at its own beat, until it stops beating.
    @Test func oneBeatOfManyLeads() async throws {
        try await withQueue { queue in
            let workers = [try await queue.register(), try await queue.register()]
            func leads(_ worker: UUID) async throws -> Bool {
                try await queue.workers.beat(
                    worker, running: 0, isDraining: false, aliveFor: .seconds(600), stands: true, on: queue.pool
                ).leads
            }
            #expect(try await leads(workers[0]))
            #expect(try await leads(workers[1]) == false)
            #expect(try await leads(workers[0]))
            try await queue.pool.execute(Self.endTerm)
            #expect(try await leads(workers[1]))
            #expect(try await leads(workers[0]) == false)
            try await queue.workers.resign("job_maintenance", holder: workers[1], on: queue.pool)
            #expect(try await leads(workers[0]))
        }
    }

    /// Workers read shares when the number has changed, and only then.
    @Test func sharesComeWithTheirVersion() async throws {
        try await withQueue { queue in
            let worker = try await queue.register()
            func version() async throws -> Int64 {
                try await queue.workers.beat(
                    worker, running: 0, isDraining: false, aliveFor: .seconds(600), on: queue.pool
                ).shareVersion
            }
            let before = try await version()
            #expect(try await queue.workers.shares(on: queue.pool) == [:])
            try await queue.pool.execute(Self.setShare, QueueFixture.queue.rawValue, 3.0, "agencies", Int32(2))
            try await queue.pool.execute(Self.setGroup, "agencies", 5.0)
            #expect(try await version() == before + 2)
            #expect(
                try await queue.workers.shares(on: queue.pool) == [
                    QueueFixture.queue: QueueShare(weight: 3, group: "agencies", groupWeight: 5, minimum: 2)
                ])
            try await queue.pool.execute(Self.setShare, QueueFixture.queue.rawValue, 2.0, "", Int32(0))
            #expect(
                try await queue.workers.shares(on: queue.pool) == [QueueFixture.queue: QueueShare(weight: 2)])
            await #expect(throws: PostgresError.self) {
                try await queue.pool.execute(Self.setShare, QueueFixture.queue.rawValue, 0.0, "", Int32(0))
            }
        }
    }

    private static let age = Statement(
        name: "test_age_lane", "UPDATE queue.lane SET advanced_at = '-infinity' WHERE queue = $1")
    private static let advance = Statement(name: "test_advance_lane", "SELECT queue.advance($1)")
    private static let endTerm = Statement(
        name: "test_end_term", "UPDATE queue.leader SET expires_at = '-infinity' WHERE name = 'job_maintenance'")
    private static let setShare = Statement(name: "test_set_share", "SELECT queue.set_share($1, $2, $3, $4)")
    private static let setGroup = Statement(name: "test_set_group", "SELECT queue.set_group($1, $2)")
}
