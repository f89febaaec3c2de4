import HTTPTypes
import Testing

@testable import ServiceKit

@Suite struct TokenBucketsTests {
    private let start = ContinuousClock.now

    @Test func admitsTheBurstThenTheRate() {
        var buckets = TokenBuckets<String>(capacity: 2, perSecond: 4, maximumKeys: 10)
        #expect(buckets.admit("a", now: self.start) == .admitted)
        #expect(buckets.admit("a", now: self.start) == .admitted)
        #expect(buckets.admit("a", now: self.start) == .refused(retryAfter: .milliseconds(250)))
        #expect(buckets.admit("a", now: self.start + .milliseconds(250)) == .admitted)
        #expect(buckets.admit("a", now: self.start + .milliseconds(250)) == .refused(retryAfter: .milliseconds(250)))
    }

    @Test func oneCallerDoesNotUseUpAnothersTokens() {
        var buckets = TokenBuckets<String>(capacity: 1, perSecond: 1, maximumKeys: 10)
        _ = buckets.admit("a", now: self.start)
        #expect(buckets.admit("b", now: self.start) == .admitted)
    }

    @Test func aClockThatStandsStillGivesNothing() {
        var buckets = TokenBuckets<String>(capacity: 1, perSecond: 1, maximumKeys: 10)
        _ = buckets.admit("a", now: self.start)
        #expect(buckets.admit("a", now: self.start - .seconds(5)) == .refused(retryAfter: .seconds(1)))
    }

    @Test func aFloodOfNewCallersIsBoundedAndSharesOneBucket() {
        var buckets = TokenBuckets<Int>(capacity: 3, perSecond: 1, maximumKeys: 2)
        _ = buckets.admit(1, now: self.start)
        _ = buckets.admit(2, now: self.start)
        let admitted = (3..<100).count { buckets.admit($0, now: self.start) == .admitted }
        #expect(admitted == 3)
        #expect(buckets.count == 2)
        #expect(buckets.admit(1, now: self.start) == .admitted)
    }

    @Test func refilledBucketsMakeRoom() {
        var buckets = TokenBuckets<Int>(capacity: 1, perSecond: 1, maximumKeys: 2)
        _ = buckets.admit(1, now: self.start)
        _ = buckets.admit(2, now: self.start)
        #expect(buckets.admit(3, now: self.start + .seconds(2)) == .admitted)
        #expect(buckets.count == 1)
    }

    @Test func theLimiterAnswers429WithRetryAfter() throws {
        let limiter = RateLimiter<String>(capacity: 1, perSecond: 0.1)
        try limiter.admit("a")
        let problem = #expect(throws: HTTPProblem.self) { try limiter.admit("a") }
        #expect(problem?.status == .tooManyRequests)
        #expect(try #require(problem?.retryAfter) > .seconds(9))
    }

    @Test func whatIsGivenBackCanBeTakenAgainAndNoMore() {
        var buckets = TokenBuckets<String>(capacity: 1, perSecond: 1, maximumKeys: 10)
        _ = buckets.admit("a", now: self.start)
        buckets.giveBack("a")
        buckets.giveBack("a")
        #expect(buckets.admit("a", now: self.start) == .admitted)
        #expect(buckets.admit("a", now: self.start) != .admitted)
    }
}
