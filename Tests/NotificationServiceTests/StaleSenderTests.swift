import Foundation
import Glibc
import PostgresClient
import TestSupport
import Testing

@testable import NotificationService

/// Invariants 3 and 6: a sender that stood still and wakes up sends nothing that is not its to send.
@Suite(.serialized) struct StaleSenderTests {
    /// Stopped exactly between the two transactions, its lease taken back and the message sent by another: when it goes on
    /// it finds the lease lost.
    @Test func stoppedBetweenTheTransactionsItSendsNothing() async throws {
        let keys = try ServiceKeys()
        let server = try MailServer()
        try await withNotification([someoneNow()], keyring: keys.keyring) { notification in
            _ = try await notification.message()
            let message = HeldLock()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await message.hold("SELECT FROM casework.message FOR UPDATE", notification.db) }
                try await message.held()
                let stale = try notification.startService(keys, server)
                // All of the first transaction is on its way; the server commits it while the sender stands still.
                try await notification.eventuallyBlocked(stale)
                stale.send(SIGSTOP)
                message.release()
                try await group.waitForAll()
                try await eventually("the server has committed it") {
                    try await notification.messageStates() == "sending"
                }
                #expect(try server.received().isEmpty)

                let next = try notification.startService(keys, server)
                try await notification.eventuallyState("sent", next)
                #expect(try server.received().count == 1)
                stale.send(SIGCONT)
                // It learns it from whichever comes first, its next statement or its next heartbeat.
                try await eventually("it knows that the lease is not its own any more", timeout: .seconds(60)) {
                    stale.output.contains("leaseLost") || stale.output.contains("its leases are lost")
                }
                #expect(stale.isRunning)
                for service in [stale, next] {
                    service.terminate()
                    _ = try await service.waitForExit()
                }
                #expect(try server.received().count == 1, "it sent nothing")
                #expect(try await notification.trail() == "pending, sending, sending repeat, sent")
            }
        }
    }

    /// Stopped inside the second transaction, it holds the lease and the locks; the database lets go of them after a minute
    /// in which nothing came, so that the message goes by another and a stop is not held up for ever. Here the database is
    /// told to be quicker. When the sender goes on it has neither lease nor connection, and what it knew is too old.
    @Test func stoppedWhileItJudgesItSendsNothing() async throws {
        let keys = try ServiceKeys()
        let server = try MailServer()
        try await withNotification([someoneNow()], keyring: keys.keyring) { notification in
            _ = try await notification.message()
            let person = HeldLock()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await person.hold("SELECT FROM casework.person FOR UPDATE", notification.db) }
                try await person.held()
                let stale = try notification.startService(keys, server)
                try await notification.eventuallyBlocked(stale)
                stale.send(SIGSTOP)
                person.release()
                try await group.waitForAll()
                // It has its answers, and cannot read them. As the server would after its minute:
                try await notification.run(
                    """
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE usename = 'dandelion_notification' AND datname = current_database()
                    """, "t_terminate")
                let next = try notification.startService(keys, server)
                try await notification.eventuallyState("sent", next)
                // Longer than both clocks may differ: what was judged then is not to be trusted now.
                try await Task.sleep(for: .seconds(32))
                stale.send(SIGCONT)
                try await eventually("it knows that the attempt is over", timeout: .seconds(60)) {
                    stale.output.contains("Job attempt failed") || stale.output.contains("its leases are lost")
                }
                for service in [stale, next] {
                    service.terminate()
                    _ = try await service.waitForExit()
                }
                #expect(try server.received().count == 1)
                #expect(try await notification.trail() == "pending, sending, sending repeat, sent")
            }
        }
    }

    /// The database ends a sending transaction in which nothing comes for a minute.
    @Test func aSendingTransactionHasAnEnd() async throws {
        try await withNotification { notification in
            let id = try await notification.message()
            let limit = try await notification.db.pool.withTransaction("t_limit") { transaction in
                try await transaction.execute(
                    Statement(name: "t_lock", "SELECT FROM casework.lock_person_messages(ARRAY[$1], true)"),
                    id)
                let row = try #require(
                    try await transaction.execute(
                        Statement(name: "t_show", "SELECT current_setting('idle_in_transaction_session_timeout')")
                    ).first)
                return try row.decode(String.self)
            }
            #expect(limit == "1min")
        }
    }
}
