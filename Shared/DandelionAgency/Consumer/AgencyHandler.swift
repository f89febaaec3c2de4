/// A hand-over whose package is open.
public struct HandOver: Sendable {
    /// What it is answered with.
    public let lease: AgencyLease
    /// What was disclosed.
    public let package: AgencyPackage

    /// For tests of handlers.
    public init(lease: AgencyLease, package: AgencyPackage) {
        self.lease = lease
        self.package = package
    }
}

/// What an agency says to a hand-over.
public enum AgencyDecision: Sendable, Equatable {
    /// We take it on.
    case accept
    /// We do not, for a reason of the network's list.
    case reject(reason: String, suggestedAgencyKind: String?)
    /// It was sent wrongly, for a reason of the network's list.
    case object(reason: String)
    /// Not now: any consumer of the agency may lease it again after the delay.
    case handBack(delay: Duration)
    /// No answer: the lease runs out by itself, and the network's clock decides.
    case leave
}

/// What an agency's system does with its hand-overs.
public protocol AgencyHandler: Sendable {
    /// Decides. The lease is renewed for as long as this runs; the task is cancelled when the lease is lost.
    /// When it throws, the hand-over goes back and is delivered again.
    func decide(on handOver: HandOver) async throws -> AgencyDecision

    /// Works on what was accepted, and reports. Runs once for each accepted hand-over, without a lease.
    func work(on handOver: HandOver, reporting reporter: ReferralReporter) async throws
}

extension AgencyHandler {
    /// Nothing: the agency reports from elsewhere.
    public func work(on handOver: HandOver, reporting reporter: ReferralReporter) async throws {}
}

/// Reports on one referral.
public struct ReferralReporter: Sendable {
    /// The referral's number.
    public let number: String
    let client: AgencyClient

    /// How far it is.
    public func progress(_ progress: ReferralProgress, text: AgencyText? = nil) async throws {
        try await self.client.report(progress, on: self.number, text: text)
    }

    /// Seals a text for one of these reports, to the network's key as it is now.
    /// - Parameter onboardingKeys: as ``AgencyClient/networkKey(verifiedBy:)`` takes it.
    /// - Throws: `AgencyError.notFound` while the network has no key, and takes no text.
    public func seal(
        _ text: String, with occasion: AgencyText.Occasion, verifiedBy onboardingKeys: String? = nil
    ) async throws -> AgencyText {
        try AgencyText.seal(
            text, with: occasion, about: self.number,
            to: try await self.client.networkKey(verifiedBy: onboardingKeys))
    }

    /// How it ended, with an outcome of the network's list.
    public func outcome(_ result: ReferralResult, _ outcome: String, text: AgencyText? = nil) async throws {
        try await self.client.report(result, outcome: outcome, on: self.number, text: text)
    }
}
