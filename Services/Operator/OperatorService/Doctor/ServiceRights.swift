/// What each service's role may call, and nothing else: the other half of the GRANTs in the migrations. A test holds
/// the two together.
enum ServiceRights {
    static let producer = [
        "queue.cancel_unique", "queue.cancel_waiting", "queue.enqueue", "queue.enqueue_many", "queue.enqueue_unique",
        "queue.lock_unique",
        "queue.primary_epoch", "queue.ring", "queue.ring_at_commit",
    ]

    static let worker =
        producer + [
            "queue.advance", "queue.cancel_leased", "queue.claim", "queue.compact_claims", "queue.complete",
            "queue.forget_lanes",
            "queue.complete_many", "queue.complete_with", "queue.deregister_worker",
            "queue.discard", "queue.due_periodic", "queue.elect", "queue.extend", "queue.fail",
            "queue.fire_periodic", "queue.forget_unique_holds", "queue.beat", "queue.lease_by_alias",
            "queue.maintain_history", "queue.next_due", "queue.next_permit", "queue.progress", "queue.promote_due",
            "queue.put_periodic", "queue.register_worker",
            "queue.release_unheld", "queue.rescue", "queue.resign", "queue.shares", "queue.snooze", "queue.stats",
            "queue.with_lease",
            "queue.worked_stats",
        ]

    static let functions: [String: [String]] = [
        "dandelion_intake": producer + [
            "casework.set_legal_hold", "casework.override_consent", "casework.record_call_back",
            "casework.call_backs_of",
            "casework.case_to_close", "casework.ask_to_close",
            "casework.referral_to_change", "casework.change_referral", "casework.record_milestone",
            "casework.risk_to_change", "casework.record_assessment", "casework.propose_risk", "casework.lower_risk",
            "casework.add_triage", "casework.read_triage", "casework.answer_triage", "casework.decide_dispute",
            "casework.join_agency", "casework.leave_joint", "casework.give_task", "casework.settle_task",
            "casework.hold_conference", "casework.read_minutes", "casework.joint_board", "casework.open_access",
            "casework.read_people", "casework.possible_matches", "casework.link_cases",
            "casework.active_rule_set", "casework.add_staff_relation", "casework.agencies_by_code",
            "casework.assign_staff", "casework.consents_for_client", "casework.division_path",
            "casework.forget_idempotency_keys", "casework.known_agency_kinds", "casework.record_consent",
            "casework.staff_for", "casework.withdraw_consent",
            "casework.intake_client_by_key", "casework.open_case",
            "casework.opened_case", "casework.read_case", "casework.receipt_status",
            "casework.stop_contact_of_case", "casework.take_idempotency_key",
        ],
        "dandelion_routing": worker + [
            "casework.anonymise_cases", "casework.forget_impact_assessments", "casework.call_backs_of",
            "casework.closing_of", "casework.take_milestones",
            "casework.common_superior",
            "casework.agencies_by_id", "casework.ask_superior", "casework.move_dispute", "casework.disputes_of",
            "casework.settle_dispute", "casework.alliances", "casework.end_lost_parts",
            "casework.add_webhook_delivery", "casework.notify_help_seekers", "casework.notify_station",
            "casework.remind_agency",
            "casework.agencies_at", "casework.case_of_referral", "casework.change_owner", "casework.clock_by_id",
            "casework.clocks_of", "casework.close_case", "casework.confirm_safety", "casework.consents_of",
            "casework.contact_rules_of_case", "casework.create_referral", "casework.division_path",
            "casework.end_clock", "casework.lock_case", "casework.moment_of", "casework.revoke_expired",
            "casework.take_due_clocks", "casework.warn_clock",
            "casework.people_of",
            "casework.record_decision",
            "casework.record_escalation", "casework.record_routing_event", "casework.record_sealing",
            "casework.referrals_of",
            "casework.rule_set_by_version", "casework.set_referral_status", "casework.start_clock",
            "casework.unrouted_cases", "safeguarding.describe_sealed_package", "safeguarding.discard_sealed_package",
            "safeguarding.disclosures_of", "safeguarding.put_sealed_package",
        ],
        "dandelion_notification": worker + [
            "casework.begin_message", "casework.follow_late_messages", "casework.follow_message",
            "casework.gather_digests", "casework.lock_contact_rules", "casework.lock_person_message",
            "casework.lock_staff_message", "casework.message_contacts", "casework.network_troubles",
            "casework.notify_operators", "casework.record_receipt", "casework.settle_message",
        ],
        "dandelion_gateway": worker + [
            "casework.agency_by_key", "casework.agency_referrals", "casework.agency_tasks",
            "casework.finish_agency_task", "casework.record_webhook_attempt",
            "casework.settle_webhook_delivery", "casework.webhook_delivery_by_id",
            "gateway.answer", "gateway.extend", "gateway.hand_back", "gateway.lease", "gateway.read_packages",
            "gateway.report", "gateway.bells", "gateway.watch_partners", "ledger.latest_checkpoint",
        ],
        "dandelion_ledger": [
            "ledger.checkpoints_after", "ledger.commitments", "ledger.head", "ledger.latest_checkpoint", "ledger.lead",
            "ledger.publish", "ledger.resign", "ledger.sequence", "ledger.tile_hashes",
        ],
        "dandelion_operator": producer + [
            "door.close_login", "door.create_login", "door.put_special_days",
            "casework.put_agency_details", "casework.put_alliance", "casework.alliances",
            "casework.redeliver_webhook", "casework.rotate_webhook_secret", "casework.test_webhook",
            "casework.put_station_units",
            "casework.activate_rule_set", "casework.agencies_by_code", "casework.change_clock",
            "casework.assess_disclosures", "casework.hold_impact_assessment", "casework.impact_assessments",
            "casework.record_impact_assessment",
            "casework.clock_to_change", "casework.known_agency_kinds", "casework.put_staff",
            "casework.record_consent", "casework.withdraw_consent",
            "queue.cancel", "queue.clear_limit", "queue.clear_share", "queue.pause", "queue.resume", "queue.retry",
            "queue.set_group", "queue.set_limit", "queue.set_share",
            "queue.health", "queue.pause_periodic", "queue.remove_periodic", "queue.resume_periodic",
            "queue.run_periodic", "queue.set_retention", "queue.stats",
            "casework.activate_rule_draft", "casework.active_rule_set", "casework.add_agency_key",
            "casework.division_path", "casework.import_divisions", "casework.load_rule_draft",
            "casework.put_agency", "casework.put_intake_client", "casework.remove_agency_key",
            "casework.remove_agency_webhook",
            "casework.revoke_agency_keys", "casework.revoke_intake_client", "casework.rule_draft_by_id",
            "casework.rule_drafts",
            "casework.set_agency_status", "casework.set_station_email", "safeguarding.disclosures_after",
            "casework.finish_staff_task", "casework.message_counts", "casework.read_notice",
            "casework.set_agency_desk", "casework.set_duty_phones", "casework.set_station_mutes",
            "casework.stop_contact",
            "safeguarding.disclosures_of",
            "ledger.checkpoints_after", "ledger.commitments", "ledger.head", "ledger.health",
            "ledger.latest_checkpoint",
            "ledger.locate", "ledger.page", "ledger.strays", "ledger.tile_hashes",
        ],
    ]

    /// What the operator may read.
    static let operatorViews: Set<String> = [
        "door.login_overview",
        "casework.agency_desk", "casework.agency_overview", "casework.case_overview", "casework.client_overview",
        "casework.agency_details", "casework.clock_change_overview", "casework.consent_overview",
        "casework.staff_overview", "casework.station_unit_overview",
        "casework.clock_overview", "casework.division", "casework.message_overview", "casework.operator_timeline",
        "casework.referral_overview", "casework.staff_task_overview", "casework.station", "casework.station_desk",
        "casework.station_inbox",
        "casework.timeline", "casework.webhook_attempt_overview", "casework.webhook_overview",
        "queue.job_overview", "queue.leader", "queue.limit_overview", "queue.periodic_overview",
        "queue.queue_overview", "queue.retention_overview", "queue.share_overview", "queue.worker",
    ]

    static var roles: [String] { self.functions.keys.sorted() }
}
