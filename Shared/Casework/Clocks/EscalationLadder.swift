/// Who takes over when a clock runs out: village screens, township mediates, the county is the backstop, then league and
/// region.
public enum EscalationLadder {
    public enum Step: Hashable, Sendable {
        /// The station of this level owns the case from now on.
        case moveUp(to: DivisionLevel)
        /// The region already owns it: its duty officer is called again, and the clock starts anew.
        case top
    }

    /// The next step above the level that owns the case.
    public static func step(above level: DivisionLevel) -> Step {
        level.wider.map { .moveUp(to: $0) } ?? .top
    }
}
