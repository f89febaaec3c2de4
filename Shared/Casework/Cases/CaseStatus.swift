/// Where a case stands as a whole.
public enum CaseStatus: String, Sendable, Codable, CaseIterable {
    /// Somebody owns it and a clock runs.
    case open
    /// It ended with an outcome.
    case closed
}
