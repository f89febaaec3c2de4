public import Casework

/// What a bearer key of an agency is good for. A key that only reads cannot answer when it is stolen.
public enum AgencyScope: String, CaseIterable, Sendable, Hashable {
    /// See the agency's referrals and tasks.
    case read
    /// Lease hand-overs with their packages, and answer them.
    case handOvers = "hand_overs"
    /// Report on accepted referrals and finished tasks.
    case reports
}

/// Who came with a key.
public struct AgencyCaller: Sendable, Equatable {
    public let agency: Agency
    public let scopes: Set<AgencyScope>
}
