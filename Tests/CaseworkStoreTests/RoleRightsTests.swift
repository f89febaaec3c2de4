import PostgresClient
import TestSupport
import Testing

/// What each service may do in the schema, tried out: every function is called under every role with nulls for
/// arguments, and either the database lets the call in (whatever comes of nulls) or it says "permission denied".
struct RoleRightsTests {
    struct Rights: Sendable, CustomTestStringConvertible {
        let role: String
        let functions: Set<String>
        /// What it may SELECT from.
        var relations: Set<String> = []

        var testDescription: String { self.role }
    }

    static let all: [Rights] = [
        Rights(
            role: "dandelion_intake",
            functions: [
                "intake_client_by_key", "division_path", "take_idempotency_key", "open_cases", "read_case",
                "receipt_status", "opened_case", "active_rule_set", "forget_idempotency_keys", "add_staff_relation",
                "agencies_by_code", "assign_staff", "consents_for_client", "known_agency_kinds", "record_consent",
                "staff_for", "withdraw_consent",
                "override_consent", "record_call_back", "call_backs_of", "case_to_close", "ask_to_close",
                "referral_to_change",
                "change_referral", "record_milestone", "risk_to_change", "record_assessment", "propose_risk",
                "lower_risk", "add_triage", "read_triage", "answer_triage", "decide_dispute", "join_agency",
                "leave_joint", "give_task", "settle_task", "hold_conference", "read_minutes", "joint_board",
                "open_access", "read_people", "possible_matches", "link_cases",
                "stop_contact_of_case", "set_legal_hold",
            ]),
        Rights(
            role: "dandelion_routing",
            functions: [
                "division_path", "lock_cases", "people_of", "consents_of", "referrals_of", "cases_of_referrals",
                "clocks_of",
                "clock_by_id", "agencies_at", "moments_of", "create_referrals", "set_referral_status",
                "start_clocks",
                "end_clocks", "take_due_clocks", "unrouted_cases", "rule_set_by_version", "change_owner",
                "revoke_expired", "warn_clock",
                "call_backs_of", "closing_of", "take_milestones", "common_superior", "agencies_by_id", "ask_superior",
                "move_dispute", "disputes_of", "settle_dispute", "alliances", "end_lost_parts",
                "record_decisions", "record_escalation", "notify_station", "notify_help_seekers", "remind_agency",
                "add_webhook_delivery", "close_case", "record_routing_event", "record_sealing", "confirm_safety",
                "agency_backlog", "contact_rules_of_cases", "anonymise_cases", "forget_impact_assessments",
            ]),
        Rights(
            role: "dandelion_gateway",
            functions: [
                "agencies_by_keys", "agency_counts", "agency_referrals", "agency_tasks", "finish_agency_task",
                "webhook_delivery_by_id",
                "settle_webhook_delivery", "record_webhook_attempt", "forget_webhooks",
            ]),
        Rights(
            role: "dandelion_notification",
            functions: [
                "lock_person_messages", "contact_rules_of_messages", "contacts_of_messages", "lock_staff_messages",
                "begin_message", "begin_messages", "settle_sent_messages", "settle_message", "follow_message",
                "record_receipt", "follow_late_messages", "gather_digests",
                "notify_operators", "network_troubles",
            ]),
        Rights(
            role: "dandelion_operator",
            functions: [
                "import_divisions", "set_station_email", "put_agency", "set_agency_status", "add_agency_key",
                "revoke_agency_keys", "put_intake_client", "activate_rule_set", "active_rule_set", "division_path",
                "load_rule_draft", "rule_draft_by_id", "rule_drafts", "activate_rule_draft",
                "assess_disclosures", "hold_impact_assessment", "impact_assessments", "record_impact_assessment",
                "ask_texts", "read_texts",
                "agency_backlogs", "set_agency_quota", "remove_agency_key", "remove_agency_webhook",
                "revoke_intake_client",
                "stop_contact", "finish_staff_task", "message_counts", "read_notice", "set_station_mutes",
                "agencies_by_code", "change_clock", "clock_to_change", "known_agency_kinds", "put_staff",
                "record_consent", "withdraw_consent",
                "put_agency_details", "put_alliance", "alliances", "put_station_units",
                "set_duty_phones", "set_agency_desk", "test_webhook", "redeliver_webhook", "rotate_webhook_secret",
            ],
            relations: [
                "agency_overview", "case_overview", "referral_overview", "clock_overview", "timeline",
                "message_overview", "client_overview", "operator_timeline", "staff_task_overview", "station_inbox",
                "division", "station", "clock_change_overview", "consent_overview", "staff_overview",
                "agency_details", "station_unit_overview",
                "station_desk", "agency_desk", "webhook_overview", "webhook_attempt_overview",
            ]),
    ]

    @Test(arguments: all)
    func aRoleCallsItsOwnFunctionsAndNoOthers(rights: Rights) async throws {
        try await withTestDatabase { database in
            var allowed: Set<String> = []
            let functions = try await database.pool.execute(Self.functions)
            #expect(functions.count > 30)
            for function in functions {
                let (name, call) = try function.decode((String, String).self)
                if try await Self.letsIn(rights.role, Statement(name: name, unchecked: call), database.pool) {
                    allowed.insert(name)
                }
            }
            #expect(allowed == rights.functions)
        }
    }

    @Test(arguments: all)
    func aRoleReadsNoTableAndWritesNone(rights: Rights) async throws {
        try await withTestDatabase { database in
            var readable: Set<String> = []
            let relations = try await database.pool.execute(Self.relations)
            #expect(relations.count > 15)
            for relation in relations {
                let (name, isTable) = try relation.decode((String, Bool).self)
                let select = Statement(name: "\(name)_select", unchecked: "SELECT FROM casework.\(name)")
                if try await Self.letsIn(rights.role, select, database.pool) { readable.insert(name) }
                guard isTable else { continue }
                let insert = Statement(name: "\(name)_insert", unchecked: "INSERT INTO casework.\(name) DEFAULT VALUES")
                let delete = Statement(name: "\(name)_delete", unchecked: "DELETE FROM casework.\(name)")
                #expect(try await Self.letsIn(rights.role, insert, database.pool) == false, "\(name)")
                #expect(try await Self.letsIn(rights.role, delete, database.pool) == false, "\(name)")
            }
            #expect(readable == rights.relations)
        }
    }

    /// Whether the database lets the role run it. What it did is rolled back.
    private static func letsIn(_ role: String, _ statement: Statement, _ pool: PostgresPool) async throws -> Bool {
        struct LetIn: Error {}
        do {
            try await pool.withTransaction("test_rights") { transaction in
                try await transaction.execute(Statement(name: "set_\(role)", unchecked: "SET LOCAL ROLE \(role)"))
                try await transaction.execute(statement)
                throw LetIn()
            }
        } catch is LetIn {
            return true
        } catch let error as PostgresError where error.code == .server {
            // Let in, and then refused for the nulls it was given.
            return error.sqlState != "42501"
        }
        return true
    }

    /// Every function of the schema but the triggers', with a call of it.
    private static let functions = Statement(
        name: "test_functions",
        """
        SELECT p.proname::text, format('SELECT casework.%I(%s)', p.proname,
            (SELECT string_agg('NULL::' || format_type(t.oid, NULL), ', ' ORDER BY t.position)
             FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS t (oid, position)))
        FROM pg_proc AS p WHERE p.pronamespace = 'casework'::regnamespace AND p.prorettype <> 'trigger'::regtype
        """)

    private static let relations = Statement(
        name: "test_relations",
        """
        SELECT c.relname::text, c.relkind IN ('r', 'p') FROM pg_class AS c
        WHERE c.relnamespace = 'casework'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
        """)
}
