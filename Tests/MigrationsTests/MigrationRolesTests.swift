import FoundationEssentials
import Logging
import Migrations
import PostgresClient
import TestSupport
import Testing

/// Roles belong to the whole server, so these tests have one of their own.
@Suite struct MigrationRolesTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private static let roles = Statement(
        name: "test_roles", "SELECT count(*) FROM pg_roles WHERE rolname = ANY ($1::text[]) AND NOT rolcanlogin")

    private func configuration(_ cluster: TestCluster, user: String) -> PostgresConfiguration {
        PostgresConfiguration(dsn: "\(cluster.dsn) user=\(user)", applicationName: "dandelion-test")
    }

    private func run(_ script: String, on cluster: TestCluster) async throws {
        let connection = try await PostgresConnection.connect(
            PostgresConfiguration(dsn: cluster.dsn, applicationName: "dandelion-test"))
        try await connection.run(script: script, name: "test_script")
        await connection.close()
    }

    @Test func missingRolesAreCreatedOrNamed() async throws {
        try await withTestCluster { cluster in
            try await self.run(
                """
                CREATE ROLE plain LOGIN;
                CREATE ROLE creator LOGIN CREATEROLE;
                GRANT CREATE ON DATABASE postgres TO plain, creator;
                """, on: cluster)
            let migrator = Migrator(sets: [], logger: self.logger)

            let error = await #expect(throws: MigrationError.self) {
                try await migrator.apply(self.configuration(cluster, user: "plain"))
            }
            #expect(error?.code == .roleMissing)
            for role in MigrationRoles.all {
                #expect(error?.description.contains("CREATE ROLE \(role) NOLOGIN;") == true)
            }

            try await migrator.apply(self.configuration(cluster, user: "creator"))
            let connection = try await PostgresConnection.connect(
                self.configuration(cluster, user: "creator"))
            let count = try await connection.execute(Self.roles, MigrationRoles.all).first?.decode(Int64.self)
            await connection.close()
            #expect(count == Int64(MigrationRoles.all.count))
        }
    }
}
