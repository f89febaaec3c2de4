import JobTypes
import Testing

@testable import JobWorker

@Suite struct ClaimPlanTests {
    @Test func takesNoMoreThanTheFreeSlots() throws {
        var plan = ClaimPlan(queues: ["a": 3], batch: 100)
        let next = plan.nextClaim()
        let claim = try #require(next)
        #expect(claim == ClaimPlan.Claim(queue: "a", limit: 3))
        plan.claimed(claim, jobs: 3)
        let claim1 = plan.nextClaim()
        #expect(claim1 == nil, "all slots are taken, although a full claim says that there is more")
        plan.finished("a")
        let claim2 = plan.nextClaim()
        #expect(claim2 == ClaimPlan.Claim(queue: "a", limit: 1))
    }

    @Test func aShortClaimWaitsForABellOrAPoll() throws {
        var plan = ClaimPlan(queues: ["a": 3], batch: 100)
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
        plan.pollDue()
        let claim6 = plan.nextClaim()
        #expect(claim6?.limit == 2)
    }

    @Test func aBusyQueueDoesNotStarveTheOthers() throws {
        var plan = ClaimPlan(queues: ["a": 10, "b": 10, "c": 10], batch: 1)
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
        plan.pollDue()
        let claim7 = plan.nextClaim()
        #expect(claim7 == nil)
    }

    /// Whatever happens in whatever order, running jobs never exceed the slots and never fall below none.
    @Test(arguments: 0..<200) func slotsHoldUnderRandomEvents(seed: Int) {
        var generator = SplitMix(state: UInt64(seed))
        var plan = ClaimPlan(queues: ["a": 4, "b": 2], batch: 3)
        var running: [QueueName: Int] = ["a": 0, "b": 0]
        for _ in 0..<300 {
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: plan.bellRang(Bool.random(using: &generator) ? "a" : "b")
            case 1: plan.pollDue()
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
}

/// A generator that a failing case can be repeated with.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var value = self.state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
