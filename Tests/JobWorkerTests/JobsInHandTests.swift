import JobQueue
import JobTypes
import TestSupport
import Testing

@testable import JobWorker

@Suite struct JobsInHandTests {
    @Test func aClaimIsOverWhenTheEndOfEachJobIsConfirmed() {
        var hand = JobsInHand()
        hand.took([.probe(7), .probe(5), .probe(6)])
        hand.took([.probe(9)])
        #expect(hand.ids == [JobID(5), JobID(6), JobID(7), JobID(9)])
        for number in [5, 6] as [Int64] { hand.ended(JobID(number), isConfirmed: true) }
        #expect(hand.takeOver() == [])
        hand.ended(JobID(7), isConfirmed: true)
        #expect(hand.takeOver() == [5], "known by its lowest lease")
        #expect(hand.takeOver() == [], "told once")
        hand.ended(JobID(9), isConfirmed: true)
        #expect(hand.takeOver() == [9] && hand.isEmpty)
    }

    /// The job may still be leased to this worker: who looks for lost leases must find it.
    @Test func aClaimWithAnUnconfirmedEndIsNeverSaidToBeOver() {
        var hand = JobsInHand()
        hand.took([.probe(1), .probe(2)])
        hand.ended(JobID(1), isConfirmed: false)
        hand.ended(JobID(2), isConfirmed: true)
        #expect(hand.takeOver() == [] && hand.isEmpty)
    }

    @Test func whatIsToldIsBounded() {
        var hand = JobsInHand()
        for number in 1...Int64(JobsInHand.mostOver + 5) {
            hand.took([.probe(number)])
            hand.ended(JobID(number), isConfirmed: true)
        }
        #expect(hand.takeOver().count == JobsInHand.mostOver)
    }
}
