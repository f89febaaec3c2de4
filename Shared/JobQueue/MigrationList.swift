public import Migrations

/// The job table's migrations, in order. A test compares this list with the `SQL` directory.
public enum QueueMigrations {
    public static let set = MigrationSet(
        module: "JobQueue",
        [
            Migration(name: "V0001__job", sql: PackageResources.V0001__job_sql),
            Migration(name: "V0002__enqueue", sql: PackageResources.V0002__enqueue_sql),
            Migration(name: "V0003__claim", sql: PackageResources.V0003__claim_sql),
            Migration(name: "V0004__settle", sql: PackageResources.V0004__settle_sql),
            Migration(name: "V0005__cancel", sql: PackageResources.V0005__cancel_sql),
            Migration(name: "V0006__workers", sql: PackageResources.V0006__workers_sql),
            Migration(name: "V0007__maintenance", sql: PackageResources.V0007__maintenance_sql),
            Migration(name: "V0008__rights", sql: PackageResources.V0008__rights_sql),
            Migration(name: "V0009__limits", sql: PackageResources.V0009__limits_sql),
            Migration(name: "V0010__report", sql: PackageResources.V0010__report_sql),
            Migration(name: "V0011__unique", sql: PackageResources.V0011__unique_sql),
            Migration(name: "V0012__periodic", sql: PackageResources.V0012__periodic_sql),
            Migration(name: "V0013__counts", sql: PackageResources.V0013__counts_sql),
            Migration(name: "V0014__retention", sql: PackageResources.V0014__retention_sql),
            Migration(name: "V0015__bell", sql: PackageResources.V0015__bell_sql),
            Migration(name: "V0016__describe", sql: PackageResources.V0016__describe_sql),
        ])
}
