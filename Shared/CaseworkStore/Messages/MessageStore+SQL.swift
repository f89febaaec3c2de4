package import PostgresClient

extension MessageStore {
    static let addMessage = Statement(name: "casework_add_message", "SELECT casework.add_message($1, $2, $3, $4)")
    static let messageForSending = Statement(
        name: "casework_message_for_sending",
        """
        SELECT case_id, person_id, template, state, role, phone, email, is_minor FROM casework.message_for_sending($1)
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
    static let respondentContacts = Statement(
        name: "casework_respondent_contacts", "SELECT person_id, phone, email FROM casework.respondent_contacts($1)")
    static let settleMessage = Statement(name: "casework_settle_message", "SELECT casework.settle_message($1, $2, $3)")

    /// Every statement of the store, for the test that prepares each.
    package static let statements = [
        addMessage, messageForSending, contactRulesOf, contactRulesOfCase, respondentContacts, settleMessage,
    ]
}
