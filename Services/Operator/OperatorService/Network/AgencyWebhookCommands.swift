import ArgumentParser
import CaseworkStore
import FoundationEssentials
import PostgresClient

/// The delivery log of one agency.
struct AgencyWebhooksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhooks", abstract: "Shows what became of an agency's webhooks, the newest first.",
        discussion: """
            A failed webhook loses no hand-over: the agency finds it when it asks.

            Examples:

              dandelion agency webhooks 150104-police
              dandelion agency webhooks 150104-police --state failed
            """)

    @Argument(help: "The agency's code.")
    var code: String
    @Option(help: "Only those pending, delivered or failed.")
    var state: String?
    @Option(help: "At most so many.")
    var limit = 50
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    private struct Row: Encodable {
        let id: UUID
        let event: String
        let referral: String?
        let state: String
        let attempts: Int
        let lastCode: String?
        let createdAt: Date
        let settledAt: Date?
    }

    func validate() throws {
        guard (1...10_000).contains(self.limit) else { throw ValidationError("--limit must be from 1 to 10000.") }
        guard self.state == nil || self.state.flatMap(DeliveryState.init(rawValue:)) != nil else {
            throw ValidationError("--state is pending, delivered or failed.")
        }
    }

    func run() async throws {
        let rows = try await self.database.withPool { pool in
            try await WebhookOperations().deliveries(
                code: self.code, state: self.state.flatMap(DeliveryState.init(rawValue:)), limit: self.limit, on: pool)
        }.map { delivery in
            Row(
                id: delivery.id, event: delivery.event, referral: delivery.referral, state: delivery.state.rawValue,
                attempts: delivery.attempts, lastCode: delivery.lastCode, createdAt: delivery.createdAt,
                settledAt: delivery.settledAt)
        }
        try self.output.show(rows) {
            var table = TextTable(["delivery", "event", "referral", "state", "attempts", "last", "created"])
            for row in rows {
                table.add([
                    row.id.uuidString.lowercased(), row.event, row.referral ?? "", row.state, String(row.attempts),
                    row.lastCode ?? "", BeijingTime.full(row.createdAt),
                ])
            }
            return table.text(empty: "no webhooks")
        }
    }
}

struct AgencyRedeliverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redeliver", abstract: "Sends a webhook that was settled once more.",
        discussion: """
            Under its id: an endpoint that has it already drops it.

            Example:

              dandelion agency redeliver 5f0c9a52-0d8e-4a6f-9f55-0e7d6a2f1b11
            """)

    @Argument(help: "The delivery's id, from `dandelion agency webhooks`.")
    var delivery: String
    @OptionGroup var database: DatabaseOptions

    func run() async throws {
        guard let id = UUID(uuidString: self.delivery) else {
            throw CommandFailure(.usage, "a delivery is named by its id; see `dandelion agency webhooks`")
        }
        guard try await self.database.withPool({ try await WebhookOperations().redeliver(id, on: $0) }) else {
            throw CommandFailure(.badData, "there is no such delivery, or it is still under way")
        }
        Terminal.line("it will be sent again")
    }
}

struct AgencyRotateWebhookCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate-webhook", abstract: "Gives an agency's webhooks a new secret.",
        discussion: """
            For --overlap-hours each webhook is signed with both secrets, so that the endpoint changes over without a \
            pause.

            Example:

              dandelion agency rotate-webhook 150104-police --secret handover/new-secret
            """)

    @Argument(help: "The agency's code.")
    var code: String
    @Option(help: ArgumentHelp("A file with the new secret (whsec_…).", valueName: "file"))
    var secret: String
    @Option(help: "For so long the old one signs as well.")
    var overlapHours = 24
    @OptionGroup var database: DatabaseOptions

    func validate() throws {
        guard (0...24 * 30).contains(self.overlapHours) else {
            throw ValidationError("--overlap-hours must be from 0 to 720.")
        }
    }

    func run() async throws {
        let secret = try AgencyAddCommand.webhookSecret(file: self.secret)
        let isDone = try await self.database.withPool { pool in
            try await WebhookOperations().rotateSecret(
                code: self.code, to: secret, overlap: .seconds(3600 * self.overlapHours), on: pool)
        }
        guard isDone else {
            throw CommandFailure(.badData, "\(self.code.printable) has no webhook, or this is its secret already")
        }
        Terminal.line("\(self.code.printable) signs with both secrets for \(self.overlapHours) hours")
    }
}
