package import PostgresClient

extension RetentionStore {
    static let setLegalHold = Statement(
        name: "casework_set_legal_hold", "SELECT casework.set_legal_hold($1, $2, $3, $4, $5)")
    static let anonymiseCases = Statement(
        name: "casework_anonymise_cases", "SELECT casework.anonymise_cases(make_interval(secs => $1), $2)")

    /// Every statement of the store, for the test that prepares each.
    package static let statements = [setLegalHold, anonymiseCases]
}
