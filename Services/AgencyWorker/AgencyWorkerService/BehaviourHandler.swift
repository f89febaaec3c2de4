import DandelionAgency

/// Answers and reports as the behaviour says.
struct BehaviourHandler: AgencyHandler {
    let behaviour: Behaviour

    func decide(on handOver: HandOver) async throws -> AgencyDecision {
        try await Task.sleep(for: self.behaviour.delay)
        return switch self.behaviour.answer {
        case .accept: .accept
        case .reject:
            .reject(
                reason: self.behaviour.reason ?? "other", suggestedAgencyKind: self.behaviour.suggestedAgencyKind)
        case .object: .object(reason: self.behaviour.reason ?? "other")
        case .silent: .leave
        }
    }

    func work(on handOver: HandOver, reporting reporter: ReferralReporter) async throws {
        if self.behaviour.reportsProgress {
            try await Task.sleep(for: self.behaviour.delay)
            try await reporter.progress(.inProgress)
        }
        try await Task.sleep(for: self.behaviour.delay)
        try await reporter.outcome(.completed, self.behaviour.outcome, text: try await self.text(of: reporter))
    }

    /// What it says with the outcome. A network without a key takes no text, and the outcome all the same.
    private func text(of reporter: ReferralReporter) async throws -> AgencyText? {
        guard let words = self.behaviour.text else { return nil }
        do {
            return try await reporter.seal(words, with: .completed)
        } catch let error as AgencyError where error.code == .notFound {
            return nil
        }
    }
}
