import JobQueue
import JobTypes
import Logging
import PostgresClient
import ServiceLifecycle
import TestSupport
import Testing

/// The bell for producers in SQL: with their commit, and never without.
struct BellTests {
    @Test func aRingAtCommitIsHeardAfterTheCommitOnly() async throws {
        struct Undone: Error {}
        try await withTestDatabase { database in
            let listener = PostgresListener(database.configuration(), logger: Logger(label: "test"))
            let heard = TestSignal<String>("a ring")
            let events = listener.subscribe(JobBell.channel)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await listener.run() }
                group.addTask {
                    for await event in events {
                        switch event {
                        case .notification(let queue): heard.send(queue)
                        case .mayHaveMissed: heard.send("listening")
                        }
                    }
                }
                #expect(try await heard.wait() == "listening")
                await #expect(throws: Undone.self) {
                    try await database.pool.withTransaction("test_undone") { transaction in
                        try await transaction.execute(Self.enqueue)
                        try await transaction.execute(Self.ringAtCommit, ["undone"])
                        throw Undone()
                    }
                }
                try await database.pool.withTransaction("test_ring") { transaction in
                    try await transaction.execute(Self.enqueue)
                    try await transaction.execute(Self.ringAtCommit, ["probes"])
                }
                // The one that was undone would have come first.
                #expect(try await heard.wait() == "probes")
                group.cancelAll()
            }
        }
    }

    /// The same through the Swift client, which needs no bell then.
    @Test func aProducerMayNotifyInItsTransaction() async throws {
        try await withTestDatabase { database in
            let listener = PostgresListener(database.configuration(), logger: Logger(label: "test"))
            let events = listener.subscribe(JobBell.channel)
            let store = JobStore(bell: JobBell(pool: database.pool, logger: Logger(label: "test")))
            let heard = TestSignal<String>("a ring")
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await listener.run() }
                group.addTask {
                    for await event in events {
                        switch event {
                        case .notification(let queue): heard.send(queue)
                        case .mayHaveMissed: heard.send("listening")
                        }
                    }
                }
                #expect(try await heard.wait() == "listening")
                let request = try JobRequest(ProbeArguments(number: 1), queue: "probes")
                try await database.pool.withTransaction("test_notify") { transaction in
                    let job = try await store.enqueue(request, notify: .inTransaction, in: transaction)
                    #expect(job.isNew)
                }
                #expect(try await heard.wait() == "probes")
                group.cancelAll()
            }
        }
    }

    /// The ring's own commit does not wait for the disk. Inside a writer's transaction that would be the writer's commit.
    @Test func aRingInsideAWritersTransactionIsRefused() async throws {
        try await withTestDatabase { database in
            await #expect(throws: PostgresError.self) {
                try await database.pool.withTransaction("test_refused") { transaction in
                    try await transaction.execute(Self.enqueue)
                    try await transaction.execute(Self.ring, ["probes"])
                }
            }
            try await database.pool.execute(Self.ring, ["probes"])
        }
    }

    private static let enqueue = Statement(
        name: "test_bell_enqueue", "SELECT id FROM queue.enqueue('probes', 'probe', '{}')")
    private static let ringAtCommit = Statement(name: "test_ring_at_commit", "SELECT queue.ring_at_commit($1)")
    private static let ring = Statement(name: "test_ring_now", "SELECT queue.ring($1)")
}
