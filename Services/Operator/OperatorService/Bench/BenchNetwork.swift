import AsyncHTTPClient
import Casework
import CaseworkStore
import DandelionAgency
import FoundationEssentials
import PostgresClient
import Safeguarding

/// What the bench sends as and receives with: a client of intake without a limit worth the name, and agencies of its
/// own. Their credentials stay in a directory for the next run.
struct BenchNetwork: Sendable {
    struct Desk: Sendable {
        let code: String
        let client: AgencyClient
        /// Requests that the rules send to this agency.
        let request: BenchRequest
    }

    let clientKey: BearerKey
    let desks: [Desk]

    /// Legal-aid centres of counties that no system serves get a key pair and a bearer key.
    /// - Throws: `CommandFailure` when the network has too few of them.
    static func prepare(
        count: Int, credentials: String, onboarding: OnboardingKey, gatewayURL: String, template: [UInt8],
        http: HTTPClient,
        on pool: PostgresPool
    ) async throws -> BenchNetwork {
        let clientKey = try Self.clientKey(credentials)
        let client = NewIntakeClient(
            name: "bench", keyHash: clientKey.hash, channels: IntakeChannel.allCases,
            divisionScope: try await Self.region(on: pool), requestsPerMinute: 10_000_000)
        _ = try await IntakeStore().put(client, on: pool)
        let agencies = try await OperatorStore().agencies(on: pool)
        let free = agencies.filter { agency in
            agency.kind == .legalAidCentre && agency.level == .county && agency.status == .active
                && (agency.liveKeys == 0 && !agency.hasKey || TextFile.exists("\(credentials)/\(agency.code)/key"))
        }.prefix(count)
        guard free.count == count else {
            throw CommandFailure(
                .badData,
                "the bench needs \(count) legal-aid centres of counties without keys, there are \(free.count); "
                    + "lower --agencies, or import deploy/demo/agencies.yaml")
        }
        var desks: [Desk] = []
        for agency in free {
            let files = AgencyCredentials(directory: "\(credentials)/\(agency.code)")
            var new = NewAgency(
                code: agency.code, kind: agency.kind, name: agency.name, division: agency.division)
            new.take(
                try SealingKeys.sign(
                    try files.keyPair().publicKey, of: agency.code, kind: agency.kind, division: agency.division,
                    validFrom: nil, with: onboarding))
            try await Self.register(new, agency, files, on: pool)
            desks.append(
                Desk(
                    code: agency.code,
                    client: try AgencyClient(
                        gatewayURL: gatewayURL, key: try files.bearerKey().key.text, httpClient: http),
                    request: try BenchRequest(template, division: agency.division)))
        }
        return BenchNetwork(clientKey: clientKey, desks: desks)
    }

    private static func register(
        _ new: NewAgency, _ agency: AgencyOverview, _ files: AgencyCredentials, on pool: PostgresPool
    ) async throws {
        try await pool.withTransaction("bench_agency") { transaction in
            _ = try await AgencyStore().put(new, on: transaction)
            _ = try await files.register(
                agency: agency.id, code: agency.code, liveKeys: agency.liveKeys, label: "bench", in: transaction)
        }
    }

    private static func clientKey(_ directory: String) throws -> BearerKey {
        let path = "\(directory)/client.key"
        if TextFile.exists(path) { return try BearerKey(file: path, for: .intakeClient) }
        try PrivateFile.makeDirectory(directory)
        let key = BearerKey(for: .intakeClient)
        try PrivateFile.create(path, key.text + "\n")
        return key
    }

    private static func region(on pool: PostgresPool) async throws -> DivisionCode {
        guard let region = try await NetworkQueries.tree(on: pool).divisions.first(where: { $0.level == .region })
        else {
            throw CommandFailure(.badData, "no region is loaded; run `dandelion divisions import`")
        }
        return region.code
    }
}
