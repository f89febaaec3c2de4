import Testing

/// Every order of events of leases and of limits, and the flaws each of which must be found.
struct ModelTests {
    @Test func anEffectIsCommittedOnceWhoeverStandsStill() {
        var ends = 0
        let found = Exploration.of(LeaseModel(), isSafe: \.isSafe) {
            ends += $0.isDone ? 1 : 0
        } next: {
            $0.next(nil)
        }
        #expect(found.unsafe == nil)
        #expect(found.states > 1000 && ends > 0)
    }

    @Test(arguments: LeaseModel.Flaw.allCases) func everyFlawOfLeasesIsFound(flaw: LeaseModel.Flaw) {
        #expect(Exploration.of(LeaseModel(), isSafe: \.isSafe) { $0.next(flaw) }.unsafe != nil)
    }

    @Test func aLimitIsNeverExceededAndLosesNoPermit() {
        let found = Exploration.of(PermitModel(), isSafe: { $0.isSafe && !$0.isLeaking(nil) }) { $0.next(nil) }
        #expect(found.unsafe == nil)
        #expect(found.states > 1000)
    }

    @Test(arguments: PermitModel.Flaw.allCases) func everyFlawOfLimitsIsFound(flaw: PermitModel.Flaw) {
        let found = Exploration.of(PermitModel(), isSafe: { $0.isSafe && !$0.isLeaking(flaw) }) { $0.next(flaw) }
        #expect(found.unsafe != nil)
    }
}
