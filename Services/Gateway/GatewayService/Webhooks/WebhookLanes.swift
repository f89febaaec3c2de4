import FoundationEssentials
import NIOConcurrencyHelpers

/// Keeps one agency's endpoint from delaying others' webhooks (invariant 11): each agency has a few of the places in
/// which webhooks are sent, and an endpoint that does not answer is left alone for a while, longer each time, so that
/// even many of them do not hold all places.
final class WebhookLanes: Sendable {
    struct Limits: Sendable {
        /// Webhooks to one agency at the same time.
        var perAgency = 2
        /// How long an endpoint is left alone after it did not answer once; doubles with each time in a row.
        var firstPause: Duration = .seconds(5)
        var longestPause: Duration = .seconds(300)
        /// When a webhook that finds its agency's places taken comes back.
        var turn: Duration = .seconds(2)
    }

    enum Admission: Equatable {
        /// Send, and say `leave` afterwards.
        case send
        /// Not now: come back after this long.
        case later(Duration)
    }

    private struct Lane {
        var sending = 0
        var failures = 0
        var pausedUntil: ContinuousClock.Instant?
    }

    private let limits: Limits
    private let lanes = NIOLockedValueBox<[UUID: Lane]>([:])

    init(_ limits: Limits = Limits()) {
        self.limits = limits
    }

    /// A place of the agency's, if it has one free and its endpoint is not left alone.
    func enter(_ agency: UUID, now: ContinuousClock.Instant = .now) -> Admission {
        self.lanes.withLockedValue { lanes in
            var lane = lanes[agency] ?? Lane()
            if let until = lane.pausedUntil, now < until {
                return .later(self.spread(until - now))
            }
            // After a pause one goes first, to see whether the endpoint is back.
            guard lane.sending < (lane.failures > 0 ? 1 : self.limits.perAgency) else {
                return .later(self.spread(self.limits.turn))
            }
            lane.sending += 1
            lanes[agency] = lane
            return .send
        }
    }

    /// Gives the place back. An endpoint that answered, whatever it said, is in order; `nil` when that was not found out.
    func leave(_ agency: UUID, answered: Bool?, now: ContinuousClock.Instant = .now) {
        self.lanes.withLockedValue { lanes in
            guard var lane = lanes[agency] else { return }
            lane.sending -= 1
            switch answered {
            case true?:
                lane.failures = 0
                lane.pausedUntil = nil
            case nil: break
            case false?:
                let pause = self.limits.firstPause * Double(1 << min(lane.failures, 20))
                lane.failures += 1
                lane.pausedUntil = now + min(pause, self.limits.longestPause)
            }
            // What is as if it had never been here is forgotten.
            lanes[agency] = lane.sending == 0 && lane.failures == 0 ? nil : lane
        }
    }

    /// So that those who wait do not all come at once.
    private func spread(_ time: Duration) -> Duration {
        time + self.limits.turn * Double.random(in: 0...1)
    }
}
