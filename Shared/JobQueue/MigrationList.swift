public import Migrations

/// The job table's migrations, in order. A test compares this list with the `SQL` directory.
public enum QueueMigrations {
    public static let set = MigrationSet(
        module: "JobQueue",
        [
            Migration(name: "V0001__job", sql: PackageResources.V0001__job_sql),
            Migration(name: "V0002__job_functions", sql: PackageResources.V0002__job_functions_sql),
            Migration(name: "V0003__maintenance", sql: PackageResources.V0003__maintenance_sql),
        ])
}
