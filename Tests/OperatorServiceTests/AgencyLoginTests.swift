import Foundation
import PostgresClient
import TestSupport
import Testing

@testable import OperatorService

/// Opening and closing the SQL door, as an operator does it.
struct AgencyLoginTests {
    private func dandelion(_ database: TestDatabase, _ arguments: String...) async throws -> (Bool, String) {
        let process = try ServiceProcess(
            "dandelion", arguments: arguments,
            environment: ["DANDELION_DATABASE": database.dsn(user: "dandelion_operator")])
        let status = try await process.waitForExit(timeout: .seconds(60))
        return (status == .status(0), process.output)
    }

    @Test func aDoorIsOpenedAndClosed() async throws {
        try await withTestDatabase { database in
            try await TemporaryDirectory.with { directory in
                let path = "\(directory)/divisions.csv"
                try "level,code,name,parent\nregion,150000,内蒙古,\n".write(
                    toFile: path, atomically: true, encoding: .utf8)
                _ = try await self.dandelion(database, "divisions", "import", path)
                let code = "p-\(UUID().uuidString.lowercased().prefix(8))"
                _ = try await self.dandelion(database, "agency", "key", "create", "--directory", "\(directory)/offline")
                let added = try await self.dandelion(
                    database, "agency", "add", code, "--kind", "police", "--name", "公安", "--division", "150000",
                    "--generate-key-to", "\(directory)/agency", "--onboarding-key",
                    "\(directory)/offline/onboarding-key")
                #expect(added.0, "\(added.1)")

                let opened = try await self.dandelion(
                    database, "agency", "login", code, "--password-to", "\(directory)/agency", "--json")
                let login = "agency_\(code.replacingOccurrences(of: "-", with: "_"))"
                #expect(opened.0 && opened.1.contains("\"login\":\"\(login)\""), "\(opened.1)")
                let password = try String(contentsOfFile: "\(directory)/agency/password", encoding: .utf8)
                #expect(password.count == 44 && !opened.1.contains(password.dropLast()))
                let found = try await database.withPool(user: login) { pool in
                    try await pool.execute(Self.referrals).count
                }
                #expect(found == 0)

                // As the agency would: the door opens with its password, its key fits, and no gateway is there.
                let tried = try await self.dandelion(
                    database, "agency", "test", code, "--credentials", "\(directory)/agency", "--gateway",
                    "http://127.0.0.1:1")
                #expect(tried.1.contains("SQL door with its password: open"), "\(tried.1)")
                #expect(tried.1.contains("its private key: fits"))
                let closed = try await self.dandelion(database, "agency", "close-login", code)
                #expect(closed.0 && closed.1 == "the SQL door to \(code) is closed\n")
                let again = try await self.dandelion(database, "agency", "close-login", code)
                #expect(!again.0 && again.1.contains("has no login"))
                let shut = try await self.dandelion(
                    database, "agency", "test", code, "--credentials", "\(directory)/agency")
                #expect(!shut.0 && shut.1.contains("SQL door: closed"), "\(shut.1)")
                #expect(!shut.1.contains(password.dropLast()))
                let nobody = try await self.dandelion(database, "agency", "login", "nobody-here")
                #expect(!nobody.0 && nobody.1.contains("there is no agency nobody-here"))
                let events = try await self.dandelion(database, "events", "--json")
                #expect(events.1.contains("agency_login_set") && events.1.contains("agency_login_closed"))
            }
        }
    }

    private static let referrals = Statement(name: "test_referrals", "SELECT referral FROM partner.referrals()")
}
