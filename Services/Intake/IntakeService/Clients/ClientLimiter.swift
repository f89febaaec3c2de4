import FoundationEssentials
import NIOConcurrencyHelpers
import ServiceKit

/// Holds every client to its own number of requests per minute. Each process counts for itself.
final class ClientLimiter: Sendable {
    private struct Limit {
        let perMinute: Int
        let limiter: RateLimiter<UUID>
    }

    private let limits = NIOLockedValueBox<[UUID: Limit]>([:])

    /// Counts one request. Only clients that were authenticated come here, so their number is bounded.
    /// - Throws: `HTTPProblem` 429 when the client has come too often.
    func admit(_ client: UUID, perMinute: Int) throws(HTTPProblem) {
        let limiter = self.limits.withLockedValue { limits in
            if let limit = limits[client], limit.perMinute == perMinute { return limit.limiter }
            let limiter = RateLimiter<UUID>(capacity: perMinute, perSecond: Double(perMinute) / 60, maximumKeys: 1)
            limits[client] = Limit(perMinute: perMinute, limiter: limiter)
            return limiter
        }
        try limiter.admit(client)
    }
}
