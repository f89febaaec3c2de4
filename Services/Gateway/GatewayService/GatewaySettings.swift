import Casework
import PostgresClient
import ServiceKit

/// What only the gateway is told by its environment.
struct GatewaySettings: Sendable {
    /// Requests of one agency per second in the long run: `DANDELION_GATEWAY_RATE` (200). Twice as many may come at once.
    var requestsPerSecond = 200
    /// Look-ups of keys that nobody has.
    var unknownKeys = KeyLookUps.Limits()
    /// `DANDELION_TRUSTED_PROXIES` (0): reverse proxies in front, each of which appends to X-Forwarded-For.
    var proxies = 0
    /// `DANDELION_HOLIDAYS_FILE`: public holidays, for what agencies may do within working days.
    var calendar = HolidayCalendar.weekendsOnly
    /// Waiting polls: `DANDELION_GATEWAY_POLLS_PER_AGENCY` (8), `DANDELION_GATEWAY_POLLS` (4000).
    var polls = LongPollLimits()
    /// Webhooks that are sent at the same time: `DANDELION_WEBHOOK_CONCURRENCY` (16).
    var webhookConcurrency = 16
    /// Of them, to one agency: `DANDELION_WEBHOOK_PER_AGENCY` (2).
    var webhookLanes = WebhookLanes.Limits()
    /// `DANDELION_WEBHOOK_PLAIN_HTTP` (false) lets endpoints be without TLS. `DANDELION_WEBHOOK_NETWORKS` names networks beside the
    /// internet in which they may be, such as `10.3.0.0/16`.
    var webhooks = WebhookSender.Settings()
    /// `DANDELION_WEBHOOK_LOG_DAYS` (90): for how long settled webhooks and their attempts can be looked up.
    var keepWebhooks = Duration.seconds(90 * 86_400)
    /// `DANDELION_PARTNER_LONGEST_MILLISECONDS` (30000): how long an agency's transaction or statement at the SQL door may take.
    var partnerWatch = PartnerWatch.Settings()
    /// `DANDELION_BELL_DATABASE`: where agencies listen. Without it, `dandelion_bell` on the same server.
    var bellDatabase: String?

    init() {}

    init(_ settings: Settings) throws(ConfigurationError) {
        self.requestsPerSecond = try settings.integer("DANDELION_GATEWAY_RATE", default: 200, in: 1...100_000)
        self.polls.perAgency = try settings.integer(
            "DANDELION_GATEWAY_POLLS_PER_AGENCY", default: self.polls.perAgency, in: 1...1000)
        self.polls.overall = try settings.integer(
            "DANDELION_GATEWAY_POLLS", default: self.polls.overall, in: 1...100_000)
        self.webhookConcurrency = try settings.integer("DANDELION_WEBHOOK_CONCURRENCY", default: 16, in: 1...1000)
        self.webhookLanes.perAgency = try settings.integer(
            "DANDELION_WEBHOOK_PER_AGENCY", default: self.webhookLanes.perAgency, in: 1...1000)
        self.proxies = try settings.integer("DANDELION_TRUSTED_PROXIES", default: 0, in: 0...8)
        self.calendar = try Self.calendar(settings)
        self.webhooks.allowsPlainHTTP = try settings.boolean("DANDELION_WEBHOOK_PLAIN_HTTP", default: false)
        if let text = settings.string("DANDELION_WEBHOOK_NETWORKS") {
            guard let networks = WebhookNetworks.networks(text) else {
                throw ConfigurationError(
                    variable: "DANDELION_WEBHOOK_NETWORKS", problem: "names something that is no network",
                    remedy: "name networks like 10.3.0.0/16,fd12::/32")
            }
            self.webhooks.networks.allowed = networks
        }
        self.keepWebhooks = .seconds(
            86_400 * (try settings.integer("DANDELION_WEBHOOK_LOG_DAYS", default: 90, in: 1...3650)))
        self.partnerWatch.longest = .milliseconds(
            try settings.integer("DANDELION_PARTNER_LONGEST_MILLISECONDS", default: 30_000, in: 1000...3_600_000))
        self.bellDatabase = settings.string("DANDELION_BELL_DATABASE")
    }

    /// Where the bells of agencies are rung, if anywhere.
    func bells(beside database: PostgresConfiguration) -> PostgresConfiguration? {
        guard let dsn = self.bellDatabase else { return PartnerBells.configuration(beside: database) }
        var bells = database
        bells.dsn = dsn
        return bells
    }

    /// Weekends alone when no file is named.
    private static func calendar(_ settings: Settings) throws(ConfigurationError) -> HolidayCalendar {
        let variable = "DANDELION_HOLIDAYS_FILE"
        guard settings.string(variable) != nil else { return .weekendsOnly }
        let bytes = try settings.requiredFile(variable, remedy: "name a file like deploy/data/holidays.csv")
        do throws(DataFileError) {
            return try HolidayCalendar(csv: String(decoding: bytes, as: UTF8.self))
        } catch {
            throw ConfigurationError(
                variable: variable, problem: "names a file that is not right (\(error))", remedy: "correct that line")
        }
    }
}
