package import PostgresClient

extension MessageStore {
    static let lockPersonMessages = Statement(
        name: "casework_lock_person_messages",
        """
        SELECT message_id, case_id, person_id, template, lane, state, attempts, division_code, guardian_suspected, role,
            is_minor, phone, email, sent_today, looked_at
        FROM casework.lock_person_messages($1, $2)
        """)
    static let lockStaffMessages = Statement(
        name: "casework_lock_staff_messages",
        """
        SELECT message_id, audience, case_number, referral_number, name, division_code, email, phone, template, about, lane,
            state, attempts, is_muted, sent_lately, items, looked_at
        FROM casework.lock_staff_messages($1, $2)
        """)
    static let contactRulesOfMessages = Statement(
        name: "casework_contact_rules_of_messages",
        """
        SELECT person_id, id, channel, days::integer[] AS days, from_minute::integer AS from_minute,
            to_minute::integer AS to_minute, never_mention, code_word, confirmed_at, expires_at, tag, stopped_at
        FROM casework.contact_rules_of_messages($1)
        """)
    static let contactRulesOf = Statement(
        name: "casework_contact_rules_of",
        """
        SELECT id, channel, days::integer[] AS days, from_minute::integer AS from_minute,
            to_minute::integer AS to_minute, never_mention, code_word, confirmed_at, expires_at, tag, stopped_at
        FROM casework.contact_rules_of($1)
        """)
    static let contactRulesOfCases = Statement(
        name: "casework_contact_rules_of_cases",
        """
        SELECT case_id, person_id, id, channel, days::integer[] AS days, from_minute::integer AS from_minute,
            to_minute::integer AS to_minute, never_mention, code_word, confirmed_at, expires_at, tag, stopped_at
        FROM casework.contact_rules_of_cases($1)
        """)
    static let contactsOfMessages = Statement(
        name: "casework_contacts_of_messages",
        "SELECT case_id, person_id, role, name, phone, email FROM casework.contacts_of_messages($1)")
    static let beginMessage = Statement(
        name: "casework_begin_message", "SELECT casework.begin_message($1)")
    static let beginMessages = Statement(
        name: "casework_begin_messages", "SELECT message_id, channel FROM casework.begin_messages($1, $2, $3, $4)")
    static let settleSentMessages = Statement(
        name: "casework_settle_sent_messages", "SELECT casework.settle_sent_messages($1, $2, $3, $4, $5)")
    static let settleMessage = Statement(
        name: "casework_settle_message", "SELECT casework.settle_message($1, $2, $3, $4, $5, $6, $7)")
    static let followMessage = Statement(
        name: "casework_follow_message", "SELECT casework.follow_message($1, $2, $3)")
    static let recordReceipt = Statement(
        name: "casework_record_receipt",
        "SELECT message_id, result FROM casework.record_receipt($1, $2, $3, $4)")
    static let followLateMessages = Statement(
        name: "casework_follow_late_messages", "SELECT casework.follow_late_messages($1)")
    static let stopContact = Statement(
        name: "casework_stop_contact", "SELECT message_id FROM casework.stop_contact($1, $2) AS s (message_id)")
    static let finishStaffTask = Statement(
        name: "casework_finish_staff_task", "SELECT casework.finish_staff_task($1, $2)")
    static let readNotice = Statement(name: "casework_read_notice", "SELECT casework.read_notice($1, $2)")
    static let setMutes = Statement(name: "casework_set_station_mutes", "SELECT casework.set_station_mutes($1, $2)")
    static let setDutyPhones = Statement(
        name: "casework_set_duty_phones", "SELECT casework.set_duty_phones($1, $2)")
    static let setAgencyDesk = Statement(
        name: "casework_set_agency_desk", "SELECT casework.set_agency_desk($1, $2, $3, $4)")
    static let stationDesks = Statement(
        name: "casework_station_desks",
        """
        SELECT division_code, station_name, has_address, duty_phones, muted FROM casework.station_desk
        WHERE $1::text IS NULL OR division_code = $1 ORDER BY division_code
        """)
    static let agencyDesks = Statement(
        name: "casework_agency_desks",
        """
        SELECT code, agency_name, has_address, digest_minutes, muted FROM casework.agency_desk
        WHERE $1::text IS NULL OR code = $1 ORDER BY code
        """)
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
        lockPersonMessages, lockStaffMessages, contactRulesOfMessages, contactRulesOf, contactRulesOfCases,
        contactsOfMessages, beginMessage, beginMessages, settleSentMessages, settleMessage, followMessage,
        recordReceipt, followLateMessages, stopContact, finishStaffTask, readNotice,
        setMutes, setDutyPhones, setAgencyDesk, stationDesks, agencyDesks, inbox, messageCounts, openTasks,
    ]
}
