package import PostgresClient

extension MessageStore {
    static let addMessage = Statement(name: "casework_add_message", "SELECT casework.add_message($1, $2, $3)")
    static let lockPersonMessage = Statement(
        name: "casework_lock_person_message",
        """
        SELECT case_id, person_id, template, lane, state, division_code, guardian_suspected, role, is_minor, phone,
            email, sent_today, looked_at
        FROM casework.lock_person_message($1)
        """)
    static let lockStationMessage = Statement(
        name: "casework_lock_station_message",
        """
        SELECT case_id, case_number, station_id, station_name, division_code, email, template, lane, state,
            is_muted, looked_at
        FROM casework.lock_station_message($1)
        """)
    static let lockContactRules = Statement(
        name: "casework_lock_contact_rules",
        """
        SELECT id, channel, days::integer[] AS days, from_minute::integer AS from_minute,
            to_minute::integer AS to_minute, never_mention, code_word, confirmed_at, expires_at, tag, stopped_at
        FROM casework.lock_contact_rules($1)
        """)
    static let contactRulesOf = Statement(
        name: "casework_contact_rules_of",
        """
        SELECT id, channel, days::integer[] AS days, from_minute::integer AS from_minute,
            to_minute::integer AS to_minute, never_mention, code_word, confirmed_at, expires_at, tag, stopped_at
        FROM casework.contact_rules_of($1)
        """)
    static let contactRulesOfCase = Statement(
        name: "casework_contact_rules_of_case",
        """
        SELECT person_id, id, channel, days::integer[] AS days, from_minute::integer AS from_minute,
            to_minute::integer AS to_minute, never_mention, code_word, confirmed_at, expires_at, tag, stopped_at
        FROM casework.contact_rules_of_case($1)
        """)
    static let caseContacts = Statement(
        name: "casework_case_contacts", "SELECT person_id, role, name, phone, email FROM casework.case_contacts($1)")
    static let beginMessage = Statement(
        name: "casework_begin_message", "SELECT attempt, repeats FROM casework.begin_message($1)")
    static let settleMessage = Statement(
        name: "casework_settle_message", "SELECT casework.settle_message($1, $2, $3, $4, $5, $6, $7)")
    static let openStaffTask = Statement(
        name: "casework_open_staff_task", "SELECT casework.open_staff_task($1, $2, $3)")
    static let whomToTell = Statement(
        name: "casework_whom_to_tell", "SELECT case_id, audience, tell FROM casework.whom_to_tell($1)")
    static let recordReceipt = Statement(
        name: "casework_record_receipt",
        "SELECT message_id, result FROM casework.record_receipt($1, $2, $3, $4)")
    static let lateMessages = Statement(
        name: "casework_late_messages",
        "SELECT message_id, case_id, audience, lane, template, tell FROM casework.late_messages($1)")
    static let stopContact = Statement(
        name: "casework_stop_contact", "SELECT message_id, case_id FROM casework.stop_contact($1, $2)")
    static let finishStaffTask = Statement(
        name: "casework_finish_staff_task", "SELECT casework.finish_staff_task($1, $2)")
    static let readNotice = Statement(name: "casework_read_notice", "SELECT casework.read_notice($1, $2)")
    static let setMutes = Statement(name: "casework_set_station_mutes", "SELECT casework.set_station_mutes($1, $2)")
    static let inbox = Statement(
        name: "casework_station_inbox",
        """
        SELECT id, case_number, template, lane::integer AS lane, state, created_at
        FROM casework.station_inbox WHERE division_code = $1 ORDER BY lane, created_at LIMIT $2
        """)
    static let messageCounts = Statement(
        name: "casework_message_counts",
        """
        SELECT audience, lane, state, reason, provider, messages, segments, cost, oldest
        FROM casework.message_counts($1)
        """)
    static let openTasks = Statement(
        name: "casework_open_staff_tasks",
        """
        SELECT id, case_number, station_name, division_code, kind, reason, template, lane::integer AS lane, opened_at
        FROM casework.staff_task_overview WHERE done_at IS NULL ORDER BY lane, opened_at LIMIT $1
        """)

    /// Every statement of the store, for the test that prepares each.
    package static let statements = [
        addMessage, lockPersonMessage, lockStationMessage, lockContactRules, contactRulesOf, contactRulesOfCase,
        caseContacts, beginMessage,
        settleMessage, openStaffTask, whomToTell, recordReceipt, lateMessages, stopContact, finishStaffTask, readNotice,
        setMutes,
        inbox, messageCounts, openTasks,
    ]
}

extension NoticeStore {
    static let addNotice = Statement(name: "casework_add_notice", "SELECT casework.add_notice($1, $2, $3)")

    /// Every statement of the store, for the test that prepares each.
    package static let statements = [addNotice]
}
