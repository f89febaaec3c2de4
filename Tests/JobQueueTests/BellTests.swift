import Foundation
import JobTypes
import Logging
import PostgresClient
import ServiceLifecycle
import TestSupport
import Testing

@testable import JobQueue

/// The bell for producers in SQL: with their commit, and never without.
struct BellTests {
    @Test func aRingAtCommitIsHeardAfterTheCommitOnly() async throws {
        struct Undone: Error {}
        try await withTestDatabase { database in
            let listener = PostgresListener(database.configuration(), logger: Logger(label: "test"))
            let heard = TestSignal<String>("a ring")
            let rings = BellRings(
                listener: listener, pool: database.pool, logger: Logger(label: "test"))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await listener.run() }
                group.addTask {
                    for await ring in rings {
                        switch ring {
                        case .rang(let tag): heard.send(Self.queues[tag]?.rawValue ?? "unknown")
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
            let rings = BellRings(
                listener: listener, pool: database.pool, logger: Logger(label: "test"))
            let store = JobStore(bell: JobBell(pool: database.pool, logger: Logger(label: "test")))
            let heard = TestSignal<String>("a ring")
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await listener.run() }
                group.addTask {
                    for await ring in rings {
                        switch ring {
                        case .rang(let tag): heard.send(Self.queues[tag]?.rawValue ?? "unknown")
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

    /// The Swift end opens what SQL has hidden; the same queue looks different each time; what anybody else sends is passed over.
    @Test func aRingNamesItsQueueToWhoHasTheKeyOnly() async throws {
        try await withTestDatabase { database in
            let bytes = try #require(await database.pool.execute(BellRings.bellKey).first).decode([UInt8].self)
            let key = BellKey(bytes)
            let other = BellKey(bytes.map { $0 ^ 1 })
            var seen: Set<String> = []
            for queue in ["probes", "routing", "求助", "agency.\(UUID().uuidString.lowercased())"] {
                for _ in 0..<50 {
                    let payload = try #require(await database.pool.execute(Self.payload, queue).first)
                        .decode(String.self)
                    #expect(key.open(payload) == QueueTag(QueueName(rawValue: queue)))
                    #expect(other.open(payload) != QueueTag(QueueName(rawValue: queue)))
                    // Neither half comes again.
                    #expect(seen.insert(String(payload.prefix(32))).inserted)
                    #expect(seen.insert(String(payload.suffix(16))).inserted)
                }
            }
            let hexadecimal = String(repeating: "0a", count: 24)
            for wrong in [
                "", "probes", "\(hexadecimal)0", String(hexadecimal.dropLast()), String(repeating: "é", count: 24),
            ] {
                #expect(key.open(wrong) == nil, "\(wrong)")
            }
            #expect(key.open(hexadecimal) != nil)
            #expect(key.open(hexadecimal.uppercased()) == nil)
        }
    }

    /// NOTIFY folds what is the same: a transaction that rings one queue a hundred times is heard once.
    @Test func ringsOfOneQueueInOneTransactionAreOne() async throws {
        try await withTestDatabase { database in
            try await database.pool.withTransaction("test_fold") { transaction in
                let first = try #require(await transaction.execute(Self.payload, "probes").first).decode(String.self)
                let again = try #require(await transaction.execute(Self.payload, "probes").first).decode(String.self)
                let other = try #require(await transaction.execute(Self.payload, "routing").first).decode(String.self)
                #expect(first == again)
                // A salt that two queues share would show how their names differ.
                #expect(first.prefix(32) != other.prefix(32))
            }
        }
    }

    private static let queues = QueueTag.table(["probes", "undone"])
    private static let payload = Statement(name: "test_bell_payload", "SELECT queue.bell_payload($1)")
    private static let enqueue = Statement(
        name: "test_bell_enqueue", "SELECT id FROM queue.enqueue('probes', 'probe', '{}')")
    private static let ringAtCommit = Statement(name: "test_ring_at_commit", "SELECT queue.ring_at_commit($1)")
    private static let ring = Statement(name: "test_ring_now", "SELECT queue.ring($1)")
}
