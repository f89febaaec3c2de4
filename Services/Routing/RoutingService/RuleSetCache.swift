import Casework
import CaseworkStore
import NIOConcurrencyHelpers
import PostgresClient

/// The rules, parsed once per version: the active ones, and those a referral under way was made under.
final class RuleSetCache: Sendable {
    struct Active: Sendable {
        let version: Int64
        let rules: RuleSet
    }

    private let parsed = NIOLockedValueBox<[Int64: Active]>([:])

    /// - Throws: `RoutingError.noRules` when there is no such version; `RuleSetError` when its text cannot be read (the
    ///   import refuses such a text, so the row was changed).
    func version(_ version: Int64, on executor: some PostgresExecutor) async throws -> Active {
        if let cached = self.parsed.withLockedValue({ $0[version] }) { return cached }
        guard let stored = try await RuleSetStore().version(version, on: executor) else { throw RoutingError.noRules }
        return try self.parse(stored)
    }

    /// The definition of a clock: the active rules', or those of the version that named it when a newer one has dropped
    /// or renamed it.
    func clock(
        _ name: ClockName, of active: Active, orVersion version: Int64, on executor: some PostgresExecutor
    ) async throws -> ClockDefinition {
        if let clock = active.rules.clock(name) { return clock }
        guard let clock = try await self.version(version, on: executor).rules.clock(name) else {
            throw RoutingError.unknownClockDefinition
        }
        return clock
    }

    private func parse(_ stored: StoredRuleSet) throws -> Active {
        let active = Active(version: stored.version, rules: try RuleSet(yaml: stored.yaml))
        self.parsed.withLockedValue { parsed in
            // Versions are few and change seldom; what has piled up is parsed again when it is needed.
            if parsed.count >= 16 { parsed = [:] }
            parsed[stored.version] = active
        }
        return active
    }
}

/// What routing cannot work around.
enum RoutingError: Error, CustomStringConvertible {
    case noRules
    case unknownReferral
    case unknownClockDefinition

    var description: String {
        switch self {
        case .noRules: "no rule set is active: run `dandelion rules import`"
        case .unknownReferral: "the referral does not exist"
        case .unknownClockDefinition: "the rule set names a clock that it does not define"
        }
    }
}
