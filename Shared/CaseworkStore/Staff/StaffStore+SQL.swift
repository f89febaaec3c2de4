package import PostgresClient

extension StaffStore {
    static let putStaff = Statement(
        name: "casework_put_staff", "SELECT casework.put_staff($1, $2, $3, $4, $5, $6)")
    static let addRelation = Statement(
        name: "casework_add_staff_relation", "SELECT casework.add_staff_relation($1, $2, $3)")
    static let staffFor = Statement(
        name: "casework_staff_for",
        """
        SELECT id, roles, divisions, capacity, trainings, load, is_related, case_division FROM casework.staff_for($1)
        """)
    static let assignStaff = Statement(
        name: "casework_assign_staff", "SELECT casework.assign_staff($1, $2, $3, $4, $5)")
    static let staffOverview = Statement(
        name: "casework_staff_overview",
        """
        SELECT id, roles, divisions, capacity, status, trainings, open_cases FROM casework.staff_overview ORDER BY id
        """)

    /// Every statement of the store, for the test that prepares each.
    package static let statements = [putStaff, addRelation, staffFor, assignStaff, staffOverview]
}
