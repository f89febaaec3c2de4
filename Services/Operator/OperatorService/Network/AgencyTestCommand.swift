import AgencyDoors
import ArgumentParser
import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient

/// Whether an agency's doors are ready: what is registered, and a test event to its endpoint.
struct AgencyTestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Looks at an agency's doors and sends its webhook endpoint a test event.",
        discussion: """
            The event dandelion.test names no referral. It is signed and delivered like any other: what each attempt \
            came to is in `dandelion agency webhooks`. Exit status 1 when the agency could not be handed anything, or \
            its endpoint did not take the event in time.

            With --credentials, the directory that was handed over to the agency (key, private.key, password), each door is \
            opened with them as the agency would: the gateway is asked for its referrals, the SQL door too, and the private key \
            is held against the registered one. Nothing is leased.

            Examples:

              dandelion agency test 150104-police
              dandelion agency test 150104-police --credentials handover/150104-police --gateway http://127.0.0.1:8082
            """)

    @Argument(help: "The agency's code.")
    var code: String
    @Option(help: "Seconds to wait for the endpoint.")
    var seconds = 30
    @Option(help: ArgumentHelp("What the agency was given.", valueName: "directory"))
    var credentials: String?
    @Option(help: ArgumentHelp("Where the gateway is.", valueName: "url"))
    var gateway: String?
    @Option(
        help: ArgumentHelp(
            "Where agencies reach the database, without a login; as --database if left out.", valueName: "dsn"))
    var sqlDoor: String?
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    struct Report: Encodable, Equatable {
        var code: String
        var isActive: Bool
        var hasSealingKey: Bool
        var bearerKeys: Int
        var hasLogin: Bool
        /// `nil` without an endpoint.
        var webhook: String?
        /// With the agency's own credentials; `nil` when it was not tried.
        var privateKey: String?
        var httpDoor: String?
        var sqlDoor: String?

        /// What keeps hand-overs from the agency.
        var problems: [String] {
            var problems: [String] = []
            if !self.isActive { problems.append("it is suspended: no door opens") }
            if !self.hasSealingKey { problems.append("it has no sealing key: staff call it for every hand-over") }
            if self.bearerKeys == 0 && !self.hasLogin { problems.append("it has neither a bearer key nor a login") }
            if let webhook, webhook != "delivered" { problems.append("its webhook: \(webhook)") }
            if let privateKey, privateKey != "fits" { problems.append("its private key: \(privateKey)") }
            if let httpDoor, httpDoor != "open" { problems.append("HTTP door: \(httpDoor)") }
            if let sqlDoor, sqlDoor != "open" { problems.append("SQL door: \(sqlDoor)") }
            return problems
        }

        var text: String {
            var lines = [
                "status: \(self.isActive ? "active" : "suspended")",
                "sealing key: \(self.hasSealingKey ? "yes" : "no")",
                "HTTP door: \(self.bearerKeys) bearer keys", "SQL door: \(self.hasLogin ? "open" : "closed")",
                "webhook: \(self.webhook ?? "none")",
            ]
            if let privateKey { lines.append("its private key: \(privateKey)") }
            if let httpDoor { lines.append("HTTP door with its key: \(httpDoor)") }
            if let sqlDoor { lines.append("SQL door with its password: \(sqlDoor)") }
            return lines.joined(separator: "\n")
        }
    }

    func validate() throws {
        guard (1...3600).contains(self.seconds) else { throw ValidationError("--seconds must be from 1 to 3600.") }
    }

    func run() async throws {
        let report = try await self.database.withPool { try await self.report(on: $0) }
        try self.output.show(report) { report.text }
        guard report.problems.isEmpty else {
            throw CommandFailure(.difference, report.problems.joined(separator: "; "))
        }
    }

    private func report(on pool: PostgresPool) async throws -> Report {
        guard let agency = try await OperatorStore().agencies(on: pool).first(where: { $0.code == self.code }) else {
            throw CommandFailure(.badData, "there is no agency \(self.code.printable); see `dandelion agency list`")
        }
        let logins = try await PartnerRights().logins(on: pool)
        var report = Report(
            code: self.code, isActive: agency.status == .active, hasSealingKey: agency.hasKey,
            bearerKeys: agency.liveKeys, hasLogin: logins.contains(PartnerLogins.name(for: self.code)))
        if let credentials {
            let probe = AgencyDoorProbe(directory: credentials, code: self.code)
            report.privateKey = try probe.privateKey(registered: agency.publicKey)
            report.httpDoor = try await probe.httpDoor(self.gateway)
            var door = try await self.database.configuration()
            if let sqlDoor { door.dsn = sqlDoor }
            report.sqlDoor = try await probe.sqlDoor(door)
        }
        guard agency.hasWebhook, let id = try await WebhookOperations().test(code: self.code, on: pool) else {
            return report
        }
        report.webhook = try await self.outcome(of: id, on: pool)
        return report
    }

    /// What the delivery came to, or the last attempt when the time is up.
    private func outcome(of id: UUID, on pool: PostgresPool) async throws -> String {
        let end = ContinuousClock.now + .seconds(self.seconds)
        while true {
            let delivery = try await WebhookOperations().delivery(id, on: pool)
            if let delivery, delivery.state != .pending { return delivery.lastCode ?? delivery.state.rawValue }
            guard ContinuousClock.now < end else {
                return delivery?.lastCode.map { "\($0), will be tried again" } ?? "not tried yet: no gateway runs"
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }
}
