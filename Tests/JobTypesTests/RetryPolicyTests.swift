import JobTypes
import Testing

struct RetryPolicyTests {
    /// Oban's property: whatever the policy and the attempt, a delay stays between its bounds.
    @Test func aDelayStaysWithinItsBounds() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let policy = RetryPolicy(
                initialDelay: .milliseconds(Int.random(in: 0...5000, using: &random)),
                factor: Double.random(in: 0...8, using: &random),
                maximumDelay: .seconds(Int.random(in: 0...7200, using: &random)),
                jitter: Double.random(in: -1...2, using: &random))
            for attempt in [1, 2, 3, 10, 1000, .max] {
                let delay = policy.delay(afterAttempt: attempt, using: &random)
                #expect(delay >= .zero)
                #expect(delay <= policy.maximumDelay)
                #expect(delay >= min(policy.initialDelay, policy.maximumDelay) * (1 - policy.jitter) - .microseconds(1))
            }
        }
    }

    @Test func delaysGrowByTheFactorUpToTheMaximum() {
        let policy = RetryPolicy(initialDelay: .seconds(1), factor: 3, maximumDelay: .seconds(20), jitter: 0)
        var random = SystemRandomNumberGenerator()
        let delays = (1...5).map { policy.delay(afterAttempt: $0, using: &random) }
        #expect(delays == [.seconds(1), .seconds(3), .seconds(9), .seconds(20), .seconds(20)])
    }

    @Test func theLastAttemptOfTheKindMakesADeadLetter() {
        let policy = RetryPolicy(initialDelay: .seconds(4), jitter: 0, maximumAttempts: 3)
        let failed = JobOutcome.retry(after: nil, code: "down")
        #expect(policy.decide(failed, attempt: 1) == .retry(after: .seconds(4), code: "down"))
        #expect(
            policy.decide(.retry(after: .seconds(9), code: "down"), attempt: 2)
                == .retry(after: .seconds(9), code: "down"))
        #expect(policy.decide(failed, attempt: 3) == .discard(code: "down"))
        #expect(policy.decide(.snooze(.seconds(1)), attempt: 3) == .snooze(.seconds(1)))
        #expect(policy.decide(.completed, attempt: 9) == .completed)
    }
}
