import Contracts
import FoundationEssentials
import JobQueue
import PostgresClient

extension DoorsBench {
    static let addDeliveries = Statement(
        name: "bench_doors_deliveries",
        """
        INSERT INTO casework.webhook_delivery (id, agency_id, event)
        SELECT t.id, t.agency, 'test' FROM unnest($1::uuid[], $2::uuid[]) AS t (id, agency)
        """)

    /// From the commit of a webhook to its arrival at the endpoints that answer; the first `hanging` never do.
    func webhooks(hanging: Int) async throws -> DoorsBenchReport.Webhooks? {
        guard self.options.webhooks > 0, let url = self.options.sinkURL, let sink = self.options.sink else {
            return nil
        }
        let agencies = try await self.agencies(
            "hook\(hanging)", self.options.endpoints,
            endpoints: (0..<self.options.endpoints).map { "\(url)/\($0 < hanging ? "hang" : "ok")/\($0)" })
        let arrivals = NotifyArrivals(sink: sink, pool: self.pool)
        try await arrivals.skip()
        var committed: [String: Double] = [:]
        var arrived: [String: Double] = [:]
        let start = ContinuousClock.now
        // Fifty transactions a second, each with its share.
        let share = max(1, self.options.webhookRate / 50)
        var sent = 0
        while sent < self.options.webhooks {
            try await Task.sleep(until: start + .seconds(Double(sent) / Double(self.options.webhookRate)))
            let count = min(share, self.options.webhooks - sent)
            let ids = (0..<count).map { _ in UUID() }
            let to = (0..<count).map { (sent + $0) % agencies.count }
            try await self.pool.withTransaction("bench_doors_webhooks") { transaction in
                try await transaction.execute(Self.addDeliveries, ids, to.map { agencies[$0].id })
                _ = try await self.jobs.enqueue(
                    many: ids.map { WebhookDelivery(deliveryID: $0) }, queue: Queues.gateway, in: transaction)
            }
            let now = Date().timeIntervalSince1970
            for (id, endpoint) in zip(ids, to) where endpoint >= hanging {
                committed[id.uuidString.lowercased()] = now
            }
            for arrival in try await arrivals.new() where arrived[arrival.message] == nil {
                arrived[arrival.message] = arrival.instant
            }
            sent += count
        }
        let deadline = ContinuousClock.now + .seconds(60)
        while committed.keys.contains(where: { arrived[$0] == nil }), ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(50))
            for arrival in try await arrivals.new() where arrived[arrival.message] == nil {
                arrived[arrival.message] = arrival.instant
            }
        }
        return DoorsBenchReport.Webhooks(
            endpoints: self.options.endpoints, hanging: hanging, committed: committed, arrived: arrived)
    }
}
