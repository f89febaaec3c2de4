package import PostgresClient

extension ClockStore {
    static let startClocks = Statement(
        name: "casework_start_clocks", "SELECT casework.start_clocks($1, $2, $3, $4, $5, $6, $7, $8)")
    static let endClocks = Statement(name: "casework_end_clocks", "SELECT casework.end_clocks($1, $2, $3)")
    static let clocksOf = Statement(
        name: "casework_clocks_of",
        """
        SELECT case_id, id, referral_id, kind, name, basis, state, started_at, due_at, paused_at
        FROM casework.clocks_of($1)
        """)
    static let clockByID = Statement(
        name: "casework_clock_by_id",
        """
        SELECT case_id, referral_id, kind, name, basis, state, started_at, due_at, paused_at, now
        FROM casework.clock_by_id($1)
        """)
    static let takeDueClocks = Statement(
        name: "casework_take_due_clocks", "SELECT id, was_taken FROM casework.take_due_clocks($1, $2)")

    static let clockToChange = Statement(
        name: "casework_clock_to_change",
        """
        SELECT case_id, kind, name, basis, state, started_at, due_at, paused_at, changes, now
        FROM casework.clock_to_change($1, $2, $3, $4)
        """)
    static let changeClock = Statement(
        name: "casework_change_clock", "SELECT casework.change_clock($1, $2, $3, $4, $5, $6, $7, $8, $9)")
    static let warnClock = Statement(name: "casework_warn_clock", "SELECT casework.warn_clock($1, $2, $3)")

    /// Every statement of the store, for the test that prepares each.
    package static let statements = [
        startClocks, endClocks, clocksOf, clockByID, takeDueClocks, clockToChange, changeClock, warnClock,
    ]
}
