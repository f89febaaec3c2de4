/// The answer of `/ready`: every check with its result.
public struct ReadinessReport: Codable, Sendable, Equatable {
    /// The result of one check.
    public struct Check: Codable, Sendable, Equatable {
        /// What was checked.
        public let name: String
        /// Whether it passed.
        public let ready: Bool
    }

    /// Whether every check passed.
    public let ready: Bool
    /// The checks in the order in which they were declared.
    public let checks: [Check]

    init(_ checks: [Check]) {
        self.ready = checks.allSatisfy(\.ready)
        self.checks = checks
    }
}
