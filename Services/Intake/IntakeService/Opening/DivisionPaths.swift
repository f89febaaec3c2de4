import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient

/// Where divisions lie. Known ones are remembered for a minute; an unknown one is asked for each time, so that a
/// division that was just imported is known at once.
struct DivisionPaths: Sendable {
    private let pool: PostgresPool
    private let store = DivisionStore()
    private let known = ExpiringCache<DivisionCode, DivisionTree>(lifetime: .seconds(60), capacity: 8192)

    init(pool: PostgresPool) {
        self.pool = pool
    }

    /// The division that is named and those around it, as a tree; empty when it names none that we know.
    func tree(for division: String?) async throws -> DivisionTree {
        guard let code = division.flatMap(DivisionCode.init(rawValue:)) else { return try DivisionTree([]) }
        if let tree = self.known.value(for: code) { return tree }
        let path = try await self.store.path(of: code, on: self.pool)
        let tree = try DivisionTree(path.map(\.division))
        if !path.isEmpty { self.known.remember(tree, for: code) }
        return tree
    }
}
