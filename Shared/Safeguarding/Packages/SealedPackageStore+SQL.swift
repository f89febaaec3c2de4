package import PostgresClient

extension SealedPackageStore {
    static let putPackages = Statement(
        name: "safeguarding_put_sealed_packages", "SELECT safeguarding.put_sealed_packages($1, $2, $3, $4, $5, $6)")
    static let recordPackageDisclosure = Statement(
        name: "safeguarding_record_package_disclosure",
        "SELECT safeguarding.record_package_disclosure($1, $2, $3, $4, $5, $6)")
    static let describePackage = Statement(
        name: "safeguarding_describe_sealed_package",
        "SELECT profile, fields, sealed_at, key_fingerprint FROM safeguarding.describe_sealed_package($1, $2)")
    static let readPackage = Statement(
        name: "safeguarding_read_sealed_package",
        "SELECT profile, fields, sealed, sealed_at FROM safeguarding.read_sealed_package($1, $2, $3)")
    static let discardPackage = Statement(
        name: "safeguarding_discard_sealed_package", "SELECT safeguarding.discard_sealed_package($1)")

    /// Every statement of the store, for the test that prepares each.
    package static let statements = [
        putPackages, recordPackageDisclosure, describePackage, readPackage, discardPackage,
    ]
}
