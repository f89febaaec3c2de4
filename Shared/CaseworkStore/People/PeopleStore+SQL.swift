package import PostgresClient

extension PeopleStore {
    static let openAccess = Statement(
        name: "casework_open_access", "SELECT case_id, ends_at FROM casework.open_access($1, $2, $3, $4, $5)"
    )
    static let readPeople = Statement(
        name: "casework_read_people",
        "SELECT id, role, name, phone, email, birth_date, sex, is_minor FROM casework.read_people($1, $2, $3)")
    static let possibleMatches = Statement(
        name: "casework_possible_matches",
        """
        SELECT role, other_role, by_phone, by_email, other_number, station_name
        FROM casework.possible_matches($1, $2, $3)
        """)
    static let linkCases = Statement(name: "casework_link_cases", "SELECT casework.link_cases($1, $2, $3, $4, $5)")

    /// Every statement of the store, for the test that prepares each.
    package static let statements = [openAccess, readPeople, possibleMatches, linkCases]
}
