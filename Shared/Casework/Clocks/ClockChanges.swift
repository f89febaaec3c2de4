/// A ground on which a clock may be paused or extended, as the rule set says: nothing else stops a clock.
public struct ClockChangeGround: Hashable, Sendable {
    public enum Effect: Hashable, Sendable {
        /// The clock stands still while the ground lasts.
        case pause
        /// The clock is due so much later, once.
        case extend(ClockDuration)
    }

    public let name: String
    /// The clocks it may change.
    public let clocks: Set<ClockName>
    public let effect: Effect
    /// The law that allows it.
    public let basis: String

    public init(name: String, clocks: Set<ClockName>, effect: Effect, basis: String) {
        self.name = name
        self.clocks = clocks
        self.effect = effect
        self.basis = basis
    }
}

/// Every ground on which clocks may be paused or extended, and how long before the end people are warned.
public struct ClockChanges: Hashable, Sendable {
    public var grounds: [String: ClockChangeGround]
    /// Of how much of a clock's time has passed when people are warned, in percent; smaller first.
    public var warnings: [Int]

    public init(grounds: [String: ClockChangeGround] = [:], warnings: [Int] = []) {
        self.grounds = grounds
        self.warnings = warnings
    }
}
