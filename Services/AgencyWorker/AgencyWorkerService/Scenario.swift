import ArgumentParser
import DandelionAgency

/// What a sandbox agency plays with each hand-over, to show the network how it looks from the other side.
enum Scenario: String, CaseIterable, ExpressibleByArgument {
    /// Opens the package, accepts, reports progress and an outcome.
    case complete
    case reject
    case object
    /// Gives it back: it comes again.
    case handBack = "hand-back"
    /// Leases nothing and says nothing: the clocks have to notice.
    case silent
    /// Thinks for long, and keeps its lease meanwhile.
    case slow
    /// Is gone in the middle of a lease: the hand-over comes back when that ends.
    case crash
    /// Answers under a lease that is over: refused.
    case stale
    /// Says everything twice, as one does whose answers get lost.
    case twice
    /// Says words that are none, and of referrals that are not its own: refused, and nothing changes.
    case wrong
    /// Says something in words with each step, sealed to the network's key.
    case text
}

/// One step of a scenario and what the network said to it: a code of the client library, or `done`.
struct ScenarioStep: Equatable, Sendable {
    let step: String
    let answer: String

    init(_ step: String, _ answer: String) {
        self.step = step
        self.answer = answer
    }
}

/// Plays a scenario through the HTTP door, with the agency's own credential.
struct ScenarioPlayer: Sendable {
    let scenario: Scenario
    let client: AgencyClient
    let privateKey: AgencyPrivateKey
    /// How long `slow` thinks.
    var pause = Duration.seconds(20)
    /// What `crash` does.
    var crash: @Sendable () -> Void

    /// Plays it once, with the first hand-over that comes within `wait`. Returns what was said to each step; empty when none came.
    func play(wait: Duration, lease time: Duration) async throws -> [ScenarioStep] {
        if self.scenario == .silent { return [] }
        guard let lease = try await self.client.lease(max: 1, wait: wait, lease: time).first else { return [] }
        var steps = [ScenarioStep("lease", "done")]
        func step(_ name: String, _ body: () async throws -> Void) async throws {
            do {
                try await body()
                steps.append(ScenarioStep(name, "done"))
            } catch let error as AgencyError {
                steps.append(ScenarioStep(name, error.code.description))
            }
        }
        let (word, number) = (lease.lease, lease.referral.number)
        switch self.scenario {
        case .silent: break
        case .complete:
            try await step("open") { _ = try AgencyPackage.open(lease.package, privateKey: self.privateKey) }
            try await step("accept") { try await self.client.accept(word) }
            try await step("progress") { try await self.client.report(.inProgress, on: number) }
            try await step("outcome") { try await self.client.report(.completed, outcome: "resolved", on: number) }
        case .reject: try await step("reject") { try await self.client.reject(word, reason: "not_our_duty") }
        case .object: try await step("object") { try await self.client.object(word, reason: "not_our_jurisdiction") }
        case .handBack: try await step("hand_back") { try await self.client.handBack(word) }
        case .slow:
            try await step("extend") { try await self.client.extend(word, by: time) }
            try await Task.sleep(for: self.pause)
            try await step("extend") { try await self.client.extend(word, by: time) }
            try await step("accept") { try await self.client.accept(word) }
        case .crash: self.crash()
        case .stale:
            // Giving it back ends the lease as surely as time does, and at once.
            try await step("hand_back") { try await self.client.handBack(word) }
            try await step("accept") { try await self.client.accept(word) }
            try await step("reject") { try await self.client.reject(word, reason: "not_our_duty") }
        case .twice:
            for _ in 1...2 { try await step("accept") { try await self.client.accept(word) } }
            for _ in 1...2 {
                try await step("outcome") { try await self.client.report(.completed, outcome: "resolved", on: number) }
            }
        case .wrong:
            try await step("reject") { try await self.client.reject(word, reason: "because") }
            try await step("outcome") { try await self.client.report(.completed, outcome: "resolved", on: number) }
            try await step("foreign") { try await self.client.report(.inProgress, on: "R-0000-0000") }
            try await step("accept") { try await self.client.accept(word) }
        case .text:
            var key: AgencyNetworkKey?
            try await step("network_key") { key = try await self.client.networkKey() }
            guard let key else { break }
            func text(_ occasion: AgencyText.Occasion) throws -> AgencyText {
                try AgencyText.seal("沙箱：\(occasion.rawValue)", with: occasion, about: number, to: key)
            }
            let first = try text(.accepted)
            for _ in 1...2 { try await step("accept") { try await self.client.accept(word, text: first) } }
            try await step("progress") {
                try await self.client.report(.inProgress, on: number, text: text(.inProgress))
            }
            try await step("outcome") {
                try await self.client.report(.completed, outcome: "resolved", on: number, text: text(.completed))
            }
        }
        return steps
    }
}
