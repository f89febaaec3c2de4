import Casework
import CaseworkStore
import NIOConcurrencyHelpers
import PostgresClient

/// The active rules, parsed once per version.
final class RuleSetCache: Sendable {
    struct Active: Sendable {
        let version: Int64
        let rules: RuleSet
    }

    private let parsed = NIOLockedValueBox<Active?>(nil)

    /// - Throws: `RoutingError.noRules` while none is active; `RuleSetError` when the active text cannot be read (the
    ///   import refuses such a text, so the row was changed).
    func active(on executor: some PostgresExecutor) async throws -> Active {
        guard let stored = try await RuleSetStore().active(on: executor) else { throw RoutingError.noRules }
        if let cached = self.parsed.withLockedValue({ $0 }), cached.version == stored.version { return cached }
        let active = Active(version: stored.version, rules: try RuleSet(yaml: stored.yaml))
        self.parsed.withLockedValue { $0 = active }
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
