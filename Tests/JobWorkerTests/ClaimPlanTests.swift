import JobQueue
import JobTypes
import TestSupport
import Testing

@testable import JobWorker

@Suite struct ClaimPlanTests {
    @Test func takesNoMoreThanTheFreeSlots() throws {
        var plan = ClaimPlan(queues: ["a": 3], batch: 100)
        plan.bellRang("a")
        let next = plan.nextClaim()
        let claim = try #require(next)
        #expect(claim == ClaimPlan.Claim(queue: "a", limit: 3))
        plan.claimed(claim, jobs: 3)
        let claim1 = plan.nextClaim()
        #expect(claim1 == nil, "all slots are taken, although a full claim says that there is more")
        plan.finished("a")
        let claim2 = plan.nextClaim()
        #expect(claim2?.limit == 1)
    }

    @Test func aShortClaimWaitsForABellOrAPoll() throws {
        var plan = ClaimPlan(queues: ["a": 3], batch: 100)
        plan.bellRang("a")
        let next = plan.nextClaim()
        let claim = try #require(next)
        plan.claimed(claim, jobs: 1)
        #expect(plan.running == 1)
        let claim3 = plan.nextClaim()
        #expect(claim3 == nil)
        plan.bellRang("another")
        let claim4 = plan.nextClaim()
        #expect(claim4 == nil)
        plan.bellRang("a")
        let claim5 = plan.nextClaim()
        #expect(claim5?.limit == 2)
        plan.claimed(ClaimPlan.Claim(queue: "a", limit: 2), jobs: 0)
        plan.lookedAt(waiting: ["a"], limited: [])
        let claim6 = plan.nextClaim()
        #expect(claim6?.limit == 2)
    }

    @Test func aBusyQueueDoesNotStarveTheOthers() throws {
        var plan = ClaimPlan(queues: ["a": 10, "b": 10, "c": 10], batch: 1)
        plan.lookedAt(waiting: ["a", "b", "c"], limited: [])
        var claimed: [String] = []
        for _ in 0..<6 {
            let next = plan.nextClaim()
            let claim = try #require(next)
            plan.claimed(claim, jobs: 1)
            claimed.append(claim.queue.rawValue)
        }
        #expect(claimed == ["a", "b", "c", "a", "b", "c"])
    }

    @Test func drainingClaimsNothing() {
        var plan = ClaimPlan(queues: ["a": 1], batch: 1)
        plan.drain()
        plan.lookedAt(waiting: ["a"], limited: [])
        let claim7 = plan.nextClaim()
        #expect(claim7 == nil)
    }

    @Test func slotsOfAllQueuesTogetherAreKept() throws {
        var plan = ClaimPlan(queues: ["a": 10, "b": 10], slots: 12, batch: 100)
        plan.lookedAt(waiting: ["a", "b"], limited: [])
        let firstClaim = plan.nextClaim()
        let first = try #require(firstClaim)
        plan.claimed(first, jobs: first.limit)
        let secondClaim = plan.nextClaim()
        let second = try #require(secondClaim)
        plan.claimed(second, jobs: second.limit)
        #expect(first == ClaimPlan.Claim(queue: "a", limit: 10))
        #expect(second == ClaimPlan.Claim(queue: "b", limit: 2))
        #expect(!plan.mayClaim)
    }

    /// What was committed late, just below a position that this process has passed, is found with the next bell.
    @Test func aClaimAfterABellBeginsALittleBefore() throws {
        var plan = ClaimPlan(queues: ["a": 10], batch: 2)
        plan.lookedAt(waiting: ["a"], limited: [])
        let firstClaim = plan.nextClaim()
        let first = try #require(firstClaim)
        #expect(first.positions == nil, "the first looks back")
        plan.claimed(first, jobs: 1)
        plan.bellRang("a")
        // What a look back found short is not looked for again before the next beat; here the answer carried no jobs.
        let second = plan.nextClaim()
        #expect(second != nil)
    }

    /// Work-conserving: whoever wants slots has them, in proportion, and none is kept for the others.
    @Test func sharesAreKeptInProportion() throws {
        var plan = ClaimPlan(queues: ["a": 1000, "b": 1000, "c": 1000], slots: 40, batch: 10)
        plan.share([
            "a": QueueShare(weight: 4), "b": QueueShare(weight: 1, group: "g", groupWeight: 2),
            "c": QueueShare(weight: 3, group: "g", groupWeight: 2),
        ])
        var claimed: [QueueName: Int] = [:]
        func work(_ rounds: Int, _ waiting: [QueueName]) throws {
            for _ in 0..<rounds {
                plan.lookedAt(waiting: waiting, limited: [])
                while let claim = plan.nextClaim() {
                    plan.claimed(claim, jobs: waiting.contains(claim.queue) ? claim.limit : 0)
                    guard waiting.contains(claim.queue) else { continue }
                    claimed[claim.queue, default: 0] += claim.limit
                    for _ in 0..<claim.limit { plan.finished(claim.queue) }
                    if claimed.values.reduce(0, +) > 12_000 { return }
                }
            }
        }
        try work(1, ["a", "b", "c"])
        let all = Double(claimed.values.reduce(0, +))
        #expect(abs(Double(claimed["a"] ?? 0) / all - 4.0 / 6) < 0.02)
        #expect(abs(Double(claimed["b"] ?? 0) / all - 0.5 / 6) < 0.02)
        #expect(abs(Double(claimed["c"] ?? 0) / all - 1.5 / 6) < 0.02)
    }

    @Test func aQueueBelowItsMinimumHasTheNextSlots() throws {
        var plan = ClaimPlan(queues: ["a": 100, "b": 100], slots: 10, batch: 10)
        plan.share(["b": QueueShare(weight: 0.001, minimum: 3)])
        plan.bellRang("a")
        let floodClaim = plan.nextClaim()
        let flood = try #require(floodClaim)
        plan.claimed(flood, jobs: flood.limit)
        #expect(flood == ClaimPlan.Claim(queue: "a", limit: 10))
        plan.bellRang("b")
        #expect(!plan.mayClaim, "slots are not kept free")
        for _ in 0..<4 { plan.finished("a") }
        let reservedClaim = plan.nextClaim()
        let reserved = try #require(reservedClaim)
        #expect(reserved.queue == "b" && reserved.limit == 3)
        plan.claimed(reserved, jobs: 3)
        let restClaim = plan.nextClaim()
        let rest = try #require(restClaim)
        #expect(rest.queue == "a")
    }

    /// Whatever happens in whatever order, running jobs never exceed the slots and never fall below none.
    @Test(arguments: 0..<200) func slotsHoldUnderRandomEvents(seed: Int) {
        var generator = SplitMix(seed: UInt64(seed))
        var plan = ClaimPlan(queues: ["a": 4, "b": 2], batch: 3)
        var running: [QueueName: Int] = ["a": 0, "b": 0]
        for _ in 0..<300 {
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: plan.bellRang(Bool.random(using: &generator) ? "a" : "b")
            case 1: plan.lookedAt(waiting: ["a", "b"], limited: ["b"])
            case 2:
                guard let claim = plan.nextClaim() else { continue }
                let jobs = Int.random(in: 0...claim.limit, using: &generator)
                plan.claimed(claim, jobs: jobs)
                running[claim.queue, default: 0] += jobs
            default:
                guard let queue = running.filter({ $0.value > 0 }).keys.sorted(by: { $0.rawValue < $1.rawValue }).first
                else { continue }
                plan.finished(queue)
                running[queue, default: 0] -= 1
            }
            #expect(plan.running == running.values.reduce(0, +))
            #expect((running["a"] ?? 0) <= 4 && (running["b"] ?? 0) <= 2)
        }
    }

    private func next(_ plan: inout ClaimPlan) throws -> ClaimPlan.Claim {
        let claim = plan.nextClaim()
        return try #require(claim)
    }

    /// What a full look back has found is where claims go on from. It must not be looked for again and again from the low
    /// water: all that is done meanwhile lies between, and under an old snapshot none of it goes away.
    @Test func aFullLookBackThatFindsTheFrontGoesOnFromThere() throws {
        var plan = ClaimPlan(queues: ["a": 4], batch: 2)
        plan.lookedAt(waiting: ["a"], limited: [])
        let first = try self.next(&plan)
        #expect(first.looksBack && first.positions == nil)
        plan.claimed(first, [.probe(11), .probe(12)], took: .zero)
        let second = try self.next(&plan)
        #expect(!second.looksBack)
        #expect(second.positions?.after[4] == 12)
    }

    /// More was left behind than one claim could take: the look back goes on where it came to.
    @Test func aLookBackGoesOnWhileItFindsWhatWasLeftBehind() throws {
        var plan = ClaimPlan(queues: ["a": 100], batch: 2)
        plan.lookedAt(waiting: ["a"], limited: [])
        plan.claimed(try self.next(&plan), [.probe(50), .probe(51)], took: .zero)
        plan.lookedAt(waiting: ["a"], limited: [])
        let back = try self.next(&plan)
        #expect(back.looksBack && back.positions == nil)
        let other = try self.next(&plan)
        #expect(!other.looksBack, "one looks back, not both exchanges")
        plan.claimed(back, [.probe(3), .probe(4)], took: .zero)
        let more = try self.next(&plan)
        #expect(more.looksBack && more.positions?.after[4] == 4 && more.positions?.after[0] == -1)
        plan.claimed(more, [.probe(5)], took: .zero)
        let front = try self.next(&plan)
        #expect(!front.looksBack && front.positions?.after[4] ?? 0 <= 51)
    }

    @Test func aLookBackWhoseAnswerIsLostIsMadeAgain() throws {
        var plan = ClaimPlan(queues: ["a": 4], batch: 2)
        plan.lookedAt(waiting: ["a"], limited: [])
        plan.failed(try self.next(&plan))
        plan.bellRang("a")
        #expect(try self.next(&plan).looksBack)
    }
}
