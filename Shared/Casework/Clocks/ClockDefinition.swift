/// The name of a clock definition in a rule set.
public struct ClockName: Code {
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }
}

/// A clock as a rule set defines it: how long, and by what law.
public struct ClockDefinition: Hashable, Sendable, Codable {
    public let name: ClockName
    public let duration: ClockDuration
    /// The law or rule that sets it, in Chinese.
    public let basis: String

    public init(name: ClockName, duration: ClockDuration, basis: String) {
        self.name = name
        self.duration = duration
        self.basis = basis
    }

    /// The first-response clock that holds when no rule set says otherwise: 15 minutes for P0, 2 hours for P1, 24 hours
    /// for P2, 2 working days for P3 (the network's service ladder).
    public static func defaultFirstResponse(for risk: RiskLevel) -> ClockDefinition {
        let duration: ClockDuration =
            switch risk {
            case .imminent: .elapsed(seconds: 15 * 60)
            case .high: .elapsed(seconds: 2 * 3600)
            case .medium: .elapsed(seconds: 24 * 3600)
            case .low: .workingDays(2)
            }
        return ClockDefinition(
            name: ClockName(rawValue: "first_response_p\(risk.priority)"), duration: duration,
            basis: "妇联维权服务响应时限（内部规定，可配置）")
    }
}
