import TestSupport
import Testing

@testable import JobWorker

@Suite struct TurnsTests {
    /// What each has had is never further from its due than two shares, however the members come and go.
    @Test(arguments: 0..<100) func nobodyIsFarFromItsDue(seed: Int) {
        var generator = SplitMix(seed: UInt64(seed))
        let weights: [Int: Double] = [0: 1, 1: 2, 2: 8, 3: 8]
        var turns = Turns<Int>()
        for (member, weight) in weights.sorted(by: { $0.key < $1.key }) { turns.join(member, weight: weight) }
        var had = [0, 0, 0, 0]
        for _ in 0..<4000 {
            guard let (member, credit) = turns.current(full: 16) else { break }
            let taken = Int.random(in: 1...credit, using: &generator)
            had[member] += taken
            turns.took(member, taken)
        }
        let all = Double(had.reduce(0, +))
        for (member, weight) in weights {
            #expect(abs(Double(had[member]) - all * weight / 19) <= 64, "\(had)")
        }
    }

    @Test func whoeverLeavesKeepsNothingAndStandsAtTheEndAgain() throws {
        var turns = Turns<String>()
        turns.join("a", weight: 1)
        turns.join("b", weight: 1)
        turns.took("a", 3)
        turns.leave("a")
        let second = turns.current(full: 10)
        #expect(second?.member == "b")
        turns.join("a", weight: 1)
        let same = turns.current(full: 10)
        #expect(same?.member == "b")
        turns.took("b", 10)
        let current = turns.current(full: 10)
        let next = try #require(current)
        #expect(next == ("a", 10))
        turns.leave("a")
        turns.leave("b")
        #expect(turns.isEmpty)
        let nobody = turns.current(full: 10)
        #expect(nobody == nil)
    }

    /// A turn costs the same however many others there are, and each has one before anybody has a second.
    @Test func everyMemberHasItsTurn() {
        var turns = Turns<Int>()
        for member in 0..<5000 { turns.join(member, weight: 1) }
        var seen: [Int: Int] = [:]
        for _ in 0..<5000 {
            guard let (member, credit) = turns.current(full: 5) else { break }
            seen[member, default: 0] += 1
            turns.took(member, credit)
            if member % 3 == 0 { turns.leave(member) }
        }
        #expect(seen.count == 5000 && seen.values.allSatisfy { $0 == 1 })
    }
}
