import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import JobQueue
import JobTypes
import JobWorker
import PostgresClient

/// Tells an agency's endpoint that something happened to one of its referrals. Its 2xx takes note; the agency then leases
/// and answers through the door.
struct WebhookDeliveryHandler: JobHandler {
    let sender: WebhookSender
    let store: GatewayStore
    let lanes: WebhookLanes

    /// From five seconds to six hours: with the usual 25 attempts, some four days.
    let retryPolicy = RetryPolicy(initialDelay: .seconds(5), factor: 2, maximumDelay: .seconds(6 * 3600))
    let timeout: Duration = .seconds(30)

    func run(_ arguments: Contracts.WebhookDelivery, _ context: JobContext) async throws -> JobOutcome {
        guard let delivery = try await self.store.webhookDelivery(arguments.deliveryID, on: context.pool) else {
            return .discard(code: "unknown_delivery")
        }
        guard delivery.state == .pending else { return .completed }
        guard let url = delivery.url, !delivery.secrets.isEmpty else {
            return try await self.giveUp(delivery.id, context, .cancel(code: "no_endpoint"))
        }
        if case .later(let delay) = self.lanes.enter(delivery.agencyID) { return .snooze(delay) }
        let begin = ContinuousClock.now
        let result = try await self.send(delivery, to: url)
        try await self.store.recordWebhookAttempt(
            delivery.id, code: result.code, took: begin.duration(to: .now), on: context.pool)
        switch result {
        case .delivered:
            return try await context.completing("gateway_webhook_delivered") { transaction in
                try await self.store.settleWebhookDelivery(delivery.id, as: .delivered, on: transaction)
            }
        case .gone:
            return try await self.giveUp(delivery.id, context, .discard(code: "endpoint_gone"))
        case .failed(let code) where code == "bad_url" || code == "insecure_url":
            return try await self.giveUp(delivery.id, context, .discard(code: code))
        case .failed(let code) where context.job.attempt >= context.job.maximumAttempts:
            return try await self.giveUp(delivery.id, context, .discard(code: code))
        case .failed(let code):
            return .retry(after: nil, code: code)
        }
    }

    /// Sends in the place that `lanes` gave, and gives it back.
    private func send(
        _ delivery: CaseworkStore.WebhookDelivery, to url: String
    ) async throws -> WebhookSender.Result {
        do {
            let event = CloudEvent(
                id: delivery.id, event: delivery.event, referralNumber: delivery.referralNumber?.rawValue,
                time: delivery.createdAt)
            let result = try await self.sender.send(
                try event.encoded(), id: delivery.id, to: url, secrets: delivery.secrets, at: Date())
            self.lanes.leave(delivery.agencyID, answered: result.isAnswer)
            return result
        } catch {
            // Stopped by us: that says nothing about the endpoint.
            self.lanes.leave(delivery.agencyID, answered: nil)
            throw error
        }
    }

    private func giveUp(
        _ delivery: UUID, _ context: JobContext, _ outcome: JobOutcome
    ) async throws -> JobOutcome {
        try await context.settling("gateway_webhook_failed") { transaction in
            try await self.store.settleWebhookDelivery(delivery, as: .failed, on: transaction)
            return outcome
        }
    }
}
