/// Why a schema was not brought, or found, up to date. The description is one line that names the cause and the remedy.
public struct MigrationError: Error, Sendable, CustomStringConvertible {
    public struct Code: Sendable, Hashable {
        private enum Value: Sendable, Hashable {
            case lockTimeout, edited, databaseIsNewer, outOfOrder, failed, roleMissing, schemaMissing, schemaTooOld
            case unreadable
        }
        private let value: Value
        private init(_ value: Value) { self.value = value }

        /// Another migration held the lock for longer than the migrator waits.
        public static let lockTimeout = Code(.lockTimeout)
        /// A migration that this database has applied was changed afterwards.
        public static let edited = Code(.edited)
        /// The database has applied a migration that this program does not know.
        public static let databaseIsNewer = Code(.databaseIsNewer)
        /// A migration was put before one that this database has applied already.
        public static let outOfOrder = Code(.outOfOrder)
        /// The SQL of a migration failed; inside a transaction nothing of it remains.
        public static let failed = Code(.failed)
        /// A group role is missing and this login may not create it.
        public static let roleMissing = Code(.roleMissing)
        /// The database has never been migrated.
        public static let schemaMissing = Code(.schemaMissing)
        /// The database lacks migrations that this program needs.
        public static let schemaTooOld = Code(.schemaTooOld)
        /// This login may not read which migrations were applied.
        public static let unreadable = Code(.unreadable)
    }

    public let code: Code

    /// The module and the name of the migration it is about, where it is about one.
    public let module: String?
    public let migration: String?

    /// What was known besides: names of roles, a process, a statement to run. Never a value from a table.
    public let context: String?

    public let underlying: (any Error)?

    package init(
        _ code: Code, module: String? = nil, migration: String? = nil, context: String? = nil,
        underlying: (any Error)? = nil
    ) {
        self.code = code
        self.module = module
        self.migration = migration
        self.context = context
        self.underlying = underlying
    }

    public var description: String {
        let file = [self.module, self.migration].compactMap(\.self).joined(separator: "/")
        let context = self.context.map { " (\($0))" } ?? ""
        switch self.code {
        case .lockTimeout:
            return
                "Another migration of this database is under way\(context): wait for it or end it, then run this again."
        case .edited:
            return
                "\(file) was edited after this database applied it: restore the file and put the change into a new one."
        case .databaseIsNewer:
            return "The database has applied \(file), which this program does not know: use the newer program."
        case .outOfOrder:
            return "\(file) comes before one that this database has applied\(context): give it a number at the end."
        case .failed:
            let cause = self.underlying.map { ": \($0)" } ?? ""
            return "\(file).sql failed\(cause)\(context)"
        case .roleMissing:
            return "This login may not create roles; an administrator must run\(context), then run this again."
        case .schemaMissing:
            return "The database has no schema yet: run `dandelion migrate`."
        case .schemaTooOld:
            return "The database schema is too old, it lacks \(file)\(context): run `dandelion migrate`."
        case .unreadable:
            return
                "This login may not read dandelion_migrations.applied: run `dandelion migrate`, or use a login that is a "
                + "member of a dandelion role."
        default:
            return "The migration failed\(context)."
        }
    }
}
