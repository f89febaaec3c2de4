import Casework
import CaseworkStore
import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import JobQueue
import JobTestKit
import Logging
import NIOCore
import PostgresClient
import Safeguarding
import TestSupport

@testable import IntakeService

/// Intake's door on a database of its own, with the rights of intake's own login.
struct Intake {
    let db: TestDatabase
    let client: any TestClientProtocol
    let keyring: FieldKeyring
    let index: BlindIndex
    /// Through which intake reaches the database, where the test asks for a fault.
    let proxy: FaultProxy

    /// Every channel, the whole region, may read.
    static let regionKey = "dik_region000000000000000000000000000000"
    /// The hotline of the district 玉泉区, may not read.
    static let districtKey = "dik_district0000000000000000000000000000"

    func send(
        _ method: HTTPRequest.Method = .post, _ path: String = "/v1/requests", body: String? = nil,
        key: String? = Intake.regionKey, idempotencyKey: String? = nil, contentType: String? = "application/json",
        traceparent: String? = nil
    ) async throws -> TestResponse {
        var headers: HTTPFields = [:]
        if let key { headers[.authorization] = "Bearer \(key)" }
        if let idempotencyKey { headers[IdempotencyKey.headerName] = idempotencyKey }
        if let contentType, body != nil { headers[.contentType] = contentType }
        if let traceparent, let name = HTTPField.Name("traceparent") { headers[name] = traceparent }
        return try await self.client.execute(
            uri: path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) }
        ) { $0 }
    }

    func opened(_ body: String = Bodies.full, idempotencyKey: String? = nil) async throws -> Opened {
        try await self.send(body: body, idempotencyKey: idempotencyKey).json(Opened.self)
    }

    /// How many rows a table has.
    func count(_ table: String) async throws -> Int {
        let statement = Statement(name: "t_count_\(table)", unchecked: "SELECT count(*) FROM \(table)")
        return Int(try #require(try await self.db.pool.execute(statement).first).decode(Int64.self))
    }

    /// One text from the database.
    func text(_ name: StaticString, _ sql: StaticString, _ parameters: (any PostgresEncodable)?...) async throws
        -> String
    {
        let statement = Statement(name: name, sql)
        return try #require(try await self.db.pool.execute(statement, parameters: parameters).first).decode(String.self)
    }
}

import Testing

struct Opened: Decodable, Equatable {
    let number: String
    let receipt: String
    let status: String
    let owner_station: String
    let first_response_due_at: String
}

struct Problem: Decodable {
    struct Field: Decodable {
        let field: String
        let code: String
        let message: String
    }

    let type: String
    let title: String
    let status: Int
    let detail: String?
    let errors: [Field]?
}

extension TestResponse {
    func json<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: Data(self.body.readableBytesView))
    }

    var text: String { String(buffer: self.body) }
}

/// What breaks the transaction of the test; nil leaves it whole.
typealias Breaking = @Sendable (PostgresPool) -> CaseOpening.Transact

func withIntake(
    rules: String? = nil, lexicon: TriageLexicon? = nil, commitPatience: Duration = .seconds(15), connections: Int = 4,
    requestsPerMinute: Int = 100_000, rounds: OpeningRounds? = nil, fault: FaultProxy.Fault = .none,
    breaking: Breaking? = nil, setup: TestingSetup = .router, _ body: @Sendable (Intake) async throws -> Void
) async throws {
    try await withTestDatabase { db in
        try await prepare(db, rules: rules, requestsPerMinute: requestsPerMinute)
        try await FaultProxy.with(fault, dsn: db.dsn) { proxy in
            let login = fault.isNone ? "dandelion_intake" : "dandelion_intake \(proxy.detour)"
            try await db.withPool(user: login, maximumConnections: connections) { pool in
                let keyring = FieldKeyring.generate()
                let index = BlindIndex.generate()
                let parts = IntakeParts(
                    pool: pool, jobs: JobStore(bell: JobBell(pool: pool, logger: quiet)), keyring: keyring,
                    index: index,
                    lexicon: lexicon, commitPatience: commitPatience, transact: breaking?(pool), rounds: rounds,
                    logger: quiet)
                let application = Application(router: try IntakeDoor.router(parts), logger: quiet)
                try await application.test(setup) { client in
                    try await body(Intake(db: db, client: client, keyring: keyring, index: index, proxy: proxy))
                }
            }
        }
    }
}

extension FaultProxy.Fault {
    fileprivate var isNone: Bool {
        if case .none = self { true } else { false }
    }
}

/// Says nothing, but keeps metadata: Hummingbird looks its request ids up there.
let quiet: Logger = {
    var logger = Logger(label: "dandelion.test") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = .critical
    return logger
}()

private func prepare(_ db: TestDatabase, rules: String?, requestsPerMinute: Int) async throws {
    let region = try #require(DivisionCode("150000"))
    let league = try #require(DivisionCode("150100"))
    let district = try #require(DivisionCode("150104"))
    let other = try #require(DivisionCode("150102"))
    _ = try await DivisionStore().import(
        [
            Division(code: region, name: "内蒙古自治区", level: .region, parent: nil),
            Division(code: league, name: "呼和浩特市", level: .league, parent: region),
            Division(code: district, name: "玉泉区", level: .county, parent: league),
            Division(code: other, name: "新城区", level: .county, parent: league),
        ], on: db.pool)
    let clients = [
        NewIntakeClient(
            name: "region", keyHash: sha256(Intake.regionKey), channels: IntakeChannel.allCases, divisionScope: region,
            requestsPerMinute: requestsPerMinute, mayReadCases: true, mayChangeCases: true),
        NewIntakeClient(
            name: "district", keyHash: sha256(Intake.districtKey), channels: [.hotline], divisionScope: district,
            requestsPerMinute: requestsPerMinute, mayReadCases: false),
    ]
    for client in clients { _ = try await IntakeStore().put(client, on: db.pool) }
    for (id, role) in [("S-0001", StaffRole.caseworker), ("S-0002", .supervisor), ("S-0003", .informant)] {
        let member = StaffMember(id: StaffID(rawValue: id), roles: [role], divisions: [region], capacity: 10)
        _ = try await StaffStore().put(StaffEntry(member), on: db.pool)
    }
    if let rules {
        _ = try await RuleSetStore().activate(yaml: rules, checksum: sha256(rules), disclosures: [], on: db.pool)
    }
}
