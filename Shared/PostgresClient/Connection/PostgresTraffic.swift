import Synchronization

/// What all connections of this process have sent, for measurements.
package enum PostgresTraffic {
    private static let statementCount = Atomic<Int>(0)
    private static let exchangeCount = Atomic<Int>(0)

    /// Statements of callers and BEGIN, COMMIT and the like.
    package static var statements: Int { self.statementCount.load(ordering: .relaxed) }
    /// Round trips: a pipeline is one, whatever it carries.
    package static var exchanges: Int { self.exchangeCount.load(ordering: .relaxed) }

    static func sent(_ kind: Operation.Kind) {
        let statements =
            switch kind {
            case .query, .command, .script, .copyStart: 1
            case .pipeline(let steps): steps.count
            case .copyData, .copyEnd: 0
            }
        guard statements > 0 else { return }
        self.statementCount.wrappingAdd(statements, ordering: .relaxed)
        self.exchangeCount.wrappingAdd(1, ordering: .relaxed)
    }
}
