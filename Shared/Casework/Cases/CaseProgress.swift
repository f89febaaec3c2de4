/// What the referrals of a case say about the case.
public struct CaseProgress: Hashable, Sendable {
    public let referrals: [ReferralSummary]

    public init(_ referrals: [ReferralSummary]) {
        self.referrals = referrals
    }

    /// Purposes whose completion is about danger.
    static let safetyPurposes: Set<Purpose> = [
        .emergencyResponse, .mandatoryReport, .policeReport, .protectionOrder, .guardianship, .safePlacement,
    ]

    /// Whether nothing is open any more. A case without referrals is not settled by this: its owner settles it.
    public var isSettled: Bool {
        !self.referrals.isEmpty && self.referrals.allSatisfy { !$0.status.isOpen }
    }

    /// Whether the case was about danger and every one of its safety referrals ended with an outcome that removes the
    /// danger. Referrals that were replaced by another of the same purpose do not count against it.
    ///
    /// When this turns true the case gets ``CaseFlag/safe`` and is routed again, which gives what waited for safety.
    public var isSafe: Bool {
        let safety = self.referrals.filter { Self.safetyPurposes.contains($0.purpose) }
        guard !safety.isEmpty, safety.allSatisfy({ !$0.status.isOpen }) else { return false }
        return Set(safety.map(\.purpose)).allSatisfy { purpose in
            safety.contains { referral in
                referral.purpose == purpose && [.completed, .closedVerified].contains(referral.status)
                    && referral.outcome?.removesDanger == true
            }
        }
    }

    /// The outcome a settled case ends with: of its completed referrals' outcomes the one that matters most.
    public var outcome: Outcome {
        let outcomes = Set(
            self.referrals.filter { [.completed, .closedVerified].contains($0.status) }.compactMap(\.outcome))
        let weight: [Outcome] = [
            .protectionOrderIssued, .guardianshipArranged, .returnedHome, .reconciled, .agreementReached,
            .separatedSafely, .employed, .placedSafely, .legalAidGranted, .dangerAverted, .reportAccepted,
            .warningLetterIssued, .aidDelivered, .resolved, .treated, .trainingArranged, .counsellingGiven,
            .adviceGiven, .mediationFailed, .protectionOrderRefused, .legalAidRefused, .unreachable,
        ]
        return weight.first(where: outcomes.contains) ?? .notResolved
    }
}
