import ServiceKit

/// What only the gateway is told by its environment.
struct GatewaySettings: Sendable {
    /// Requests of one agency per second in the long run: `DANDELION_GATEWAY_RATE` (200). Twice as many may come at once.
    var requestsPerSecond = 200
    /// Waiting polls: `DANDELION_GATEWAY_POLLS_PER_AGENCY` (8), `DANDELION_GATEWAY_POLLS` (4000).
    var polls = LongPollRegistry.Limits()
    /// Webhooks that are sent at the same time: `DANDELION_WEBHOOK_CONCURRENCY` (16).
    var webhookConcurrency = 16
    /// `DANDELION_WEBHOOK_PLAIN_HTTP` (false) lets endpoints be without TLS.
    var webhooks = WebhookSender.Settings()

    init() {}

    init(_ settings: Settings) throws(ConfigurationError) {
        self.requestsPerSecond = try settings.integer("DANDELION_GATEWAY_RATE", default: 200, in: 1...100_000)
        self.polls.perAgency = try settings.integer(
            "DANDELION_GATEWAY_POLLS_PER_AGENCY", default: self.polls.perAgency, in: 1...1000)
        self.polls.overall = try settings.integer(
            "DANDELION_GATEWAY_POLLS", default: self.polls.overall, in: 1...100_000)
        self.webhookConcurrency = try settings.integer("DANDELION_WEBHOOK_CONCURRENCY", default: 16, in: 1...1000)
        self.webhooks.allowsPlainHTTP = try settings.boolean("DANDELION_WEBHOOK_PLAIN_HTTP", default: false)
    }
}
