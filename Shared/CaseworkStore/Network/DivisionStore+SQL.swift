package import PostgresClient

extension DivisionStore {
    static let pathOf = Statement(
        name: "casework_division_path",
        "SELECT code, name, level, parent_code, station_id, station_name FROM casework.division_path($1)")
    static let importAll = Statement(
        name: "casework_import_divisions",
        "SELECT imported, stations FROM casework.import_divisions($1, $2, $3, $4)")
    static let setEmail = Statement(
        name: "casework_set_station_email", "SELECT casework.set_station_email($1, $2)")

    /// Every statement of the store, for the test that prepares each.
    package static let statements = [pathOf, importAll, setEmail]
}
