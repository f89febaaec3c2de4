import Testing
import TestSupport

@testable import PostgresClient

/// What needs a server of its own: restarts, passwords and a replica that never confirms.
@Suite struct ClusterTests {
    private static func configuration(_ cluster: TestCluster) -> PostgresConfiguration {
        PostgresConfiguration(dsn: cluster.dsn, applicationName: "dandelion-client-test")
    }

    @Test func poolAndListenerSurviveRestarts() async throws {
        try await withTestCluster { cluster in
            var configuration = Self.configuration(cluster)
            configuration.maximumConnections = 2
            let pool = PostgresPool(configuration, logger: TestAddress.logger)
            let listener = PostgresListener(configuration, logger: TestAddress.logger)
            let signal = TestSignal<PostgresListenerEvent>("an event")
            try await withThrowingTaskGroup(of: Void.self) { group async throws in
                let events = listener.subscribe("client_test")
                group.addTask { for await event in events { signal.send(event) } }
                group.addTask { try await listener.run() }
                group.addTask { try await pool.run() }
                #expect(try await signal.wait() == .mayHaveMissed)
                for crashes in [false, true] {
                    let backend: Int32 = try await pool.value("SELECT pg_backend_pid()")
                    try await crashes ? cluster.crash() : cluster.stop()
                    let error = try await failure {
                        // The first may meet a connection whose end is not noticed yet.
                        _ = try? await pool.run("SELECT 1")
                        try await pool.run("SELECT 1")
                    }
                    #expect(error.isUnavailable)
                    #expect(error.isRetryable)
                    try await cluster.start()
                    #expect(try await pool.value("SELECT pg_backend_pid()") != backend)
                    #expect(try await signal.wait(timeout: .seconds(60)) == .mayHaveMissed)
                    try await pool.run("SELECT pg_notify('client_test', 'again')")
                    #expect(try await signal.wait() == .notification(payload: "again"))
                }
                #expect(pool.statistics.open == pool.statistics.idle)
                group.cancelAll()
            }
        }
    }

    @Test func aWrongPasswordIsOneClearError() async throws {
        try await withTestCluster { cluster in
            try await withConnection(Self.configuration(cluster)) { connection in
                try await connection.run(script: "CREATE ROLE hidden_user LOGIN PASSWORD 'right'", name: "role")
                try await connection.run(
                    script: """
                        DO $$ BEGIN EXECUTE format('COPY (VALUES (%L), (%L)) TO %L',
                            'local all hidden_user scram-sha-256', 'local all all trust',
                            current_setting('hba_file')); END $$;
                        SELECT pg_reload_conf()
                        """, name: "hba")
            }
            var configuration = Self.configuration(cluster)
            try await eventually("the rule is in force") {
                configuration.dsn = cluster.dsn + " user=hidden_user"
                do {
                    try await withConnection(configuration) { _ in }
                    return false
                } catch let error as PostgresError {
                    #expect(error.code == .connectionFailed)
                    #expect("\(error)".contains("wants a password"))
                    return true
                }
            }
            configuration.dsn = cluster.dsn + " user=hidden_user password=s3cret"
            let wrong = try await failure { try await PostgresConnection.connect(configuration) }
            #expect(wrong.code == .connectionFailed)
            #expect("\(wrong)".contains("a password was sent and may be wrong"))
            #expect(!"\(wrong)".contains("s3cret") && !"\(wrong)".contains("hidden_user"))
            configuration.dsn = cluster.dsn + " user=hidden_user password=right"
            #expect(try await withConnection(configuration) { try await $0.value("SELECT 1") } == 1)
        }
    }

    @Test func aCommitThatNoReplicaConfirmedIsUnknown() async throws {
        try await withTestCluster { cluster in
            let configuration = Self.configuration(cluster)
            let pool = PostgresPool(configuration, logger: TestAddress.logger)
            try await pool.run("CREATE TABLE rows (n int8)")
            try await withConnection(configuration) { connection in
                for sql in ["ALTER SYSTEM SET synchronous_standby_names = 'nobody'", "SELECT pg_reload_conf()"] {
                    try await connection.run(sql)
                }
                let committed = TestSignal<Void>("after commit")
                let errors = TestSignal<PostgresError?>("the end of the transactions")
                try await withThrowingTaskGroup(of: Void.self) { group async throws in
                    group.addTask {
                        errors.send(
                            try? await failure {
                                // Until the setting is in force in all processes of the server.
                                while true {
                                    try await pool.withTransaction("insert") { transaction in
                                        transaction.afterCommit { committed.send() }
                                        try await transaction.run("SET LOCAL synchronous_commit = on")
                                        try await transaction.run("INSERT INTO rows VALUES (1)")
                                    }
                                }
                            })
                    }
                    let backend = try await eventuallySome("the COMMIT waits for the replica") {
                        try await connection.run("SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
                            .first?.decode(Int32.self)
                    }
                    try await connection.run("SELECT pg_cancel_backend($1)", backend)
                    let error = try await errors.wait()
                    #expect(error?.code == .commitOutcomeUnknown)
                    #expect(try await connection.value("SELECT count(*) FROM rows") == committed.pending + 1)
                }
            }
            await pool.close()
        }
    }
}
