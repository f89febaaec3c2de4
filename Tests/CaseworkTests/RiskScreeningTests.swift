import Casework
import TestSupport
import Testing

@Suite struct RiskScreeningTests {
    @Test(arguments: RiskItem.allCases.filter(\.isLethal))
    func anyLethalItemIsHighWhateverTheSum(_ item: RiskItem) {
        #expect(RiskScreening([item]).level >= .high)
    }

    @Test func dangerToLifeNowIsImminent() {
        #expect(RiskScreening([.weapon]).level == .imminent)
        #expect(RiskScreening([.threatToKill, .fear]).level == .imminent)
        #expect(RiskScreening([.threatOfSuicide]).level == .high)
    }

    @Test func nothingAnsweredIsLow() {
        #expect(RiskScreening().level == .low)
        #expect(RiskScreening([.fear]).level == .medium)
        #expect(RiskScreening([.fear, .escalation]).level == .high)
    }

    @Test func addingAnswersNeverLowersTheLevel() {
        var generator = SplitMix(seed: 3)
        for _ in 0..<300 {
            var screening = RiskScreening(Set(RiskItem.allCases.filter { _ in Bool.random(using: &generator) }))
            let before = screening.level
            screening.add(RiskScreening(Set(RiskItem.allCases.filter { _ in Bool.random(using: &generator) })))
            #expect(screening.level >= before)
        }
    }

    @Test func theCategoryIsAFloor() {
        #expect(RiskScreening().level(for: [.domesticViolence]) == .high)
        #expect(RiskScreening().level(for: [.advice]) == .low)
        #expect(RiskScreening().level(for: [.advice, .labour]) == .medium)
        #expect(RiskScreening([.weapon]).level(for: [.advice]) == .imminent)
    }

    @Test func prioritiesFollowTheLevels() {
        #expect(RiskLevel.allCases.map(\.priority) == [0, 1, 2, 3])
        #expect(RiskLevel.medium.raised(to: .low) == .medium)
        #expect(RiskLevel.medium.raised(to: .imminent) == .imminent)
    }
}
