import AsyncHTTPClient
import DandelionAgency
import FoundationEssentials
import JobQueue
import PostgresClient
import Safeguarding

/// One measurement of the agencies' doors, with agencies and endpoints of its own.
struct DoorsBench: Sendable {
    let options: BenchCommand.Doors
    let database: PostgresConfiguration
    let pool: PostgresPool
    let http: HTTPClient
    let bell: JobBell
    let jobs: JobStore
    let keys: AgencyKeyPair
    /// What tells the agencies of this run from those of others.
    let run: String

    init(
        options: BenchCommand.Doors, database: PostgresConfiguration, pool: PostgresPool, http: HTTPClient
    ) throws {
        self.options = options
        self.database = database
        self.pool = pool
        self.http = http
        self.bell = JobBell(pool: pool, logger: .quiet)
        self.jobs = JobStore(bell: self.bell)
        self.keys = try AgencyKeyPair.generate()
        self.run = String(UUID().uuidString.lowercased().prefix(8))
    }

    func run() async throws -> DoorsBenchReport {
        guard try await self.pool.execute(Self.isReady).first?.decode(Bool.self) == true else {
            throw CommandFailure(
                .badData, "there are no divisions or no rules: `dandelion divisions import`, `dandelion rules import`")
        }
        let sealing = try self.seal()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.bell.run() }
            let idle = try await self.agencies("idle", self.options.idle)
            for agency in idle { group.addTask { try await self.wait(as: agency) } }
            // Their polls come one after the other, and are all there before the first hand-over.
            if !idle.isEmpty { try await Task.sleep(for: .seconds(5)) }
            let http = try await self.handOversByHTTP()
            let sql = try await self.handOversBySQL()
            let leases = try await self.leases()
            let calm = try await self.webhooks(hanging: 0)
            let hung = try await self.webhooks(hanging: self.options.hanging)
            group.cancelAll()
            do { try await group.waitForAll() } catch is CancellationError {}
            return DoorsBenchReport(
                idle: idle.count, http: http, sql: sql, leases: leases, calm: calm, hung: hung, sealing: sealing)
        }
    }

    /// An agency that always has a poll at the gateway.
    private func wait(as agency: DoorsBenchAgency) async throws {
        let client = try self.client(of: agency)
        try await Task.sleep(for: .milliseconds(.random(in: 0..<4000)))
        while !Task.isCancelled {
            do {
                _ = try await client.lease(max: 1, wait: .seconds(25), lease: .seconds(60))
            } catch is AgencyError {
                // The measurement is over, or the gateway is busy: it comes back.
                try await Task.sleep(for: .seconds(1))
            }
        }
    }

    func client(of agency: DoorsBenchAgency) throws -> AgencyClient {
        try AgencyClient(gatewayURL: self.options.gateway, key: agency.key.text, httpClient: self.http)
    }

    /// What sealing one package costs this process.
    private func seal() throws -> Double {
        let text = Array(repeating: UInt8(ascii: "x"), count: 1500)
        let began = ContinuousClock.now
        for _ in 0..<self.options.packages {
            _ = try SealedPackage.seal(
                text, to: self.keys.publicKey,
                binding: .init(referralID: UUID(), agencyID: UUID(), profile: "legal_aid"))
        }
        return (ContinuousClock.now - began) / .microseconds(1) / Double(self.options.packages)
    }

    private static let isReady = Statement(
        name: "bench_doors_ready",
        "SELECT EXISTS (SELECT 1 FROM casework.station) AND EXISTS (SELECT 1 FROM casework.rule_set)")

    /// Every statement of the measurement, for the test that prepares each. What the logins of agencies call is not theirs.
    static let statements = [
        isReady, addAgencies, addKeys, addCases, addReferrals, addClocks, addPackages, addDeliveries,
    ]
}
