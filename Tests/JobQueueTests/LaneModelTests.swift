import Testing

struct LaneModelTests {
    @Test func theLowWaterNeverPassesAJobThatWaits() {
        let explored = Self.explore(nil)
        #expect(explored.isSafe)
        #expect(explored.states > 1000)
        #expect(explored.highest > 0, "and it does rise")
    }

    @Test(arguments: LaneModel.Flaw.allCases) func everyFlawLosesAJob(flaw: LaneModel.Flaw) {
        #expect(!Self.explore(flaw).isSafe)
    }

    /// Looks at every reachable state, or stops at the first that is not safe.
    private static func explore(_ flaw: LaneModel.Flaw?) -> (isSafe: Bool, states: Int, highest: Int) {
        var seen: Set<LaneModel> = [LaneModel()]
        var open = [LaneModel()]
        var highest = 0
        while let state = open.popLast() {
            guard state.isSafe else { return (false, seen.count, highest) }
            highest = max(highest, state.low)
            for next in state.next(flaw) where seen.insert(next).inserted { open.append(next) }
        }
        return (true, seen.count, highest)
    }
}
