import Casework
import CaseworkStore
import Contracts
import Foundation
import JobTestKit
import Logging
import NIOConcurrencyHelpers
import PostgresClient
import Safeguarding
import ServiceKit
import TestSupport
import Testing

@testable import RoutingService

/// Whom to believe is read again while routing runs: who took a key back need not restart anything.
@Suite struct OnboardingKeysFileTests {
    private struct Lines: LogHandler {
        let said: TestSignal<String>
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { self.metadata[key] }
            set { self.metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            self.said.send("\(event.level) \(event.message) \(event.metadata?["file.problem"] ?? "")")
        }
    }

    private static let packages = Statement(
        name: "test_sealed_packages", "SELECT count(*) FROM safeguarding.sealed_package")

    @Test func aKeyThatIsTakenBackIsRefusedWhileRoutingRuns() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let path = FileManager.default.temporaryDirectory.appending(path: "onboarding-\(UUID().uuidString)").path
            defer { try? FileManager.default.removeItem(atPath: path) }  // A leftover harms nobody.
            func write(_ text: String, inPlace: Bool = false) throws {
                try Data(text.utf8).write(to: URL(filePath: path), options: inPlace ? [] : .atomic)
            }
            let trusted = network.onboarding.trusted
            try write("\(trusted)\n")
            let said = TestSignal<String>("a line of the log")
            let logger = Logger(label: "test") { _ in Lines(said: said) }
            let keys = AgencyKeys(trusted, logger: NetworkFixture.logger)
            let drain = JobDrain(
                pool: database.pool,
                handlers: RoutingService.handlers(
                    jobs: network.jobs, keyring: network.keyring, agencyKeys: keys, calendar: .weekendsOnly,
                    logger: NetworkFixture.logger), logger: NetworkFixture.logger)
            func sealed(of name: String) async throws -> Int64 {
                let before = try #require(await database.pool.execute(Self.packages).first).decode(Int64.self)
                _ = try await network.open(name)
                _ = try await drain.run([Queues.routing])
                return try #require(await database.pool.execute(Self.packages).first).decode(Int64.self) - before
            }
            let file = OnboardingKeysFile(keys: keys, logger: logger)
            let watch = FileWatch(path, every: .milliseconds(10)) { file.changed($0) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await watch.run() }
                #expect(try await sealed(of: "05-legal-aid-sonid") > 0)

                // Taken back: nothing is sealed to it, though its signature was looked at before and was good.
                try write("\(trusted.revoking(network.agencyKeys.publicKey))\n")
                #expect(try await said.wait() == "notice Onboarding keys read anew ")
                #expect(try await sealed(of: "05-legal-aid-sonid") == 0)

                // Broken, then away: said once each, and what was believed is believed on.
                let kept =
                    "error DANDELION_ONBOARDING_KEYS_FILE not read anew, the keys as they were go on being believed "
                try write("ed25519 AAAA\n", inPlace: true)
                #expect(try await said.wait().hasPrefix(kept + "is not right"))
                #expect(try await sealed(of: "05-legal-aid-sonid") == 0)
                try FileManager.default.removeItem(atPath: path)
                #expect(try await said.wait() == kept + "names a file that does not exist")
                #expect(try await sealed(of: "05-legal-aid-sonid") == 0)

                // The same as before is nothing new; trusted again, it is sealed to.
                try write("\(trusted)\n")
                #expect(try await said.wait() == "notice Onboarding keys read anew ")
                #expect(try await sealed(of: "05-legal-aid-sonid") > 0)
                #expect(said.pending == 0)
                group.cancelAll()
            }
        }
    }
}
