/// The migrations of one module that owns tables, in the order of application.
///
/// A new migration goes to the end: what a database has applied must be a prefix of this list, so that two branches
/// that both added a file are noticed and not silently interleaved.
public struct MigrationSet: Sendable, Hashable {
    /// The owning module, such as `JobQueue`. Names of migrations are unique within it.
    public let module: String

    public let migrations: [Migration]

    public init(module: String, _ migrations: [Migration]) {
        let names = migrations.map(\.name)
        precondition(
            names == Set(names).sorted(), "The migrations of a module are unique and in the order of their names")
        self.module = module
        self.migrations = migrations
    }
}
