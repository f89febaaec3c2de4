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
        try await reporter.outcome(.completed, self.behaviour.outcome)
    }
}
