import Casework
import Foundation
import TestSupport
import Testing

@Suite struct RiskStandingTests {
    private let now = Date.beijing("2026-11-23 10:00")
    private let first = StaffID(rawValue: "staff-1")
    private let second = StaffID(rawValue: "staff-2")

    private func standing(_ items: Set<RiskItem>, _ categories: Set<Casework.Category> = [.other]) -> RiskStanding {
        RiskStanding(RiskScreening(items), categories: categories, at: self.now)
    }

    @Test func loweringNeedsASecondPerson() throws {
        var standing = self.standing([.stalking])
        #expect(standing.level == .high)
        try standing.propose(.medium, withdrawing: [.stalking], because: .recordedInError, by: self.first, at: self.now)
        #expect(standing.level == .high)
        let alone = #expect(throws: RiskLoweringError.self) {
            var copy = standing
            _ = try copy.confirm(by: self.first, at: self.now)
        }
        #expect(alone?.code == .samePerson)
        let confirmed = try standing.confirm(by: self.second, at: self.now)
        #expect(standing.level == .medium && confirmed.by == self.first)
        #expect(standing.screening.items == [])
    }

    @Test(arguments: RiskItem.allCases.filter(\.isLethal))
    func nothingGoesBelowALethalItemThatStands(_ item: RiskItem) {
        var standing = self.standing([item, .fear])
        let error = #expect(throws: RiskLoweringError.self) {
            try standing.propose(.medium, withdrawing: [.fear], because: .dangerRemoved, by: self.first, at: self.now)
        }
        #expect(error?.code == .itemsStand)
        #expect(error.map { $0.least >= .high } == true)
    }

    @Test func theCategorysFloorStands() {
        var standing = self.standing([], [.domesticViolence])
        #expect(throws: RiskLoweringError.self) {
            try standing.propose(.low, because: .dangerRemoved, by: self.first, at: self.now)
        }
    }

    @Test func whatIsLearntVoidsTheProposal() throws {
        var standing = self.standing([.stalking])
        try standing.propose(.medium, withdrawing: [.stalking], because: .dangerRemoved, by: self.first, at: self.now)
        standing.assess(RiskScreening([.fear]), at: self.now)
        let error = #expect(throws: RiskLoweringError.self) { _ = try standing.confirm(by: self.second, at: self.now) }
        #expect(error?.code == .noProposal)
    }

    @Test func anOldProposalIsVoid() throws {
        var standing = self.standing([.stalking])
        try standing.propose(.medium, withdrawing: [.stalking], because: .dangerRemoved, by: self.first, at: self.now)
        let late = self.now.addingTimeInterval(RiskStanding.proposalLife)
        #expect(throws: RiskLoweringError.self) { _ = try standing.confirm(by: self.second, at: late) }
    }

    @Test(arguments: RiskEvent.allCases)
    func anEventMakesAnAssessmentOld(_ event: RiskEvent) {
        let standing = self.standing([.fear])
        let later = self.now.addingTimeInterval(60)
        #expect(!standing.isStale(at: later, events: [], intervals: [.medium: 3600]))
        #expect(standing.isStale(at: later, events: [(event, later)], intervals: [:]))
        #expect(!standing.isStale(at: self.now, events: [(event, later)], intervals: [:]))
        #expect(standing.isStale(at: self.now.addingTimeInterval(3600), events: [], intervals: [.medium: 3600]))
    }

    /// Whatever one person does, in any order and with any clock, the level never falls.
    @Test func oneAloneNeverLowers() {
        var generator = SplitMix(seed: 61)
        for _ in 0..<400 {
            var standing = self.standing(Set(RiskItem.allCases.shuffled(using: &generator).prefix(3)))
            for _ in 0..<12 {
                let before = standing.level
                let at = self.now.addingTimeInterval(.random(in: -90_000...90_000, using: &generator))
                switch Int.random(in: 0..<4, using: &generator) {
                case 0:
                    standing.assess(RiskScreening(Set(RiskItem.allCases.shuffled(using: &generator).prefix(1))), at: at)
                case 1: standing.raise(to: RiskLevel.allCases.randomElement(using: &generator)!, at: at)
                case 2:
                    try? standing.propose(
                        RiskLevel.allCases.randomElement(using: &generator)!, withdrawing: Set(RiskItem.allCases),
                        because: .dangerRemoved, by: self.first, at: at)
                default: _ = try? standing.confirm(by: self.first, at: at)
                }
                #expect(standing.level >= before)
            }
        }
    }
}
