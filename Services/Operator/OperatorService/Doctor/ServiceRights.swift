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
            "queue.complete_many", "queue.complete_with", "queue.deregister_worker",
            "queue.discard", "queue.due_periodic", "queue.elect", "queue.extend", "queue.fail",
            "queue.fire_periodic", "queue.forget_unique_holds", "queue.heartbeat", "queue.lease_by_alias",
            "queue.maintain_history", "queue.next_due", "queue.progress", "queue.promote_due",
            "queue.put_periodic", "queue.register_worker",
            "queue.release_unheld", "queue.rescue", "queue.resign", "queue.snooze", "queue.stats", "queue.with_lease",
            "queue.worked_stats",
        ]

    static let functions: [String: [String]] = [
        "dandelion_intake": producer + [
            "casework.active_rule_set", "casework.division_path", "casework.forget_idempotency_keys",
            "casework.intake_client_by_key", "casework.open_case",
            "casework.opened_case", "casework.read_case", "casework.receipt_status", "casework.take_idempotency_key",
        ],
        "dandelion_routing": worker + [
            "casework.add_message", "casework.add_notice", "casework.add_webhook_delivery",
            "casework.agencies_at", "casework.case_of_referral", "casework.change_owner", "casework.clock_by_id",
            "casework.clocks_of", "casework.close_case", "casework.confirm_safety", "casework.consents_of",
            "casework.contact_rules_of_case", "casework.create_referral", "casework.division_path",
            "casework.end_clock", "casework.lock_case", "casework.moment_of", "casework.take_due_clocks",
            "casework.people_of",
            "casework.record_decision",
            "casework.record_escalation", "casework.record_routing_event", "casework.referrals_of",
            "casework.rule_set_by_version", "casework.set_referral_status", "casework.start_clock",
            "casework.unrouted_cases", "safeguarding.discard_sealed_package",
            "safeguarding.disclosures_of", "safeguarding.put_sealed_package",
        ],
        "dandelion_notification": worker + [
            "casework.add_notice", "casework.begin_message", "casework.case_contacts", "casework.late_messages",
            "casework.lock_contact_rules", "casework.lock_person_message", "casework.lock_station_message",
            "casework.open_staff_task", "casework.owner_of", "casework.record_receipt", "casework.settle_message",
            "casework.whom_to_tell",
        ],
        "dandelion_gateway": worker + [
            "casework.accept_referral", "casework.agency_by_key", "casework.agency_referrals",
            "casework.decline_referral", "casework.referral_received", "casework.report_outcome",
            "casework.report_progress", "casework.settle_webhook_delivery", "casework.webhook_delivery_by_id",
            "safeguarding.describe_sealed_package", "safeguarding.read_sealed_package",
            "safeguarding.record_disclosure", "safeguarding.record_package_disclosure",
            "safeguarding.require_disclosure",
        ],
        "dandelion_operator": producer + [
            "queue.cancel", "queue.clear_limit", "queue.pause", "queue.pause_periodic", "queue.remove_periodic",
            "queue.resume", "queue.resume_periodic", "queue.run_periodic", "queue.retry", "queue.set_limit",
            "queue.set_retention",
            "queue.health", "queue.stats",
            "casework.activate_rule_set",
            "casework.activate_rule_draft", "casework.active_rule_set", "casework.add_agency_key",
            "casework.division_path", "casework.import_divisions", "casework.load_rule_draft",
            "casework.put_agency", "casework.put_intake_client", "casework.remove_agency_webhook",
            "casework.revoke_agency_keys", "casework.revoke_intake_client", "casework.rule_draft_by_id",
            "casework.rule_drafts",
            "casework.set_agency_status", "casework.set_station_email", "safeguarding.disclosures_after",
            "casework.finish_staff_task", "casework.message_counts", "casework.read_notice",
            "casework.set_station_mutes", "casework.stop_contact",
            "safeguarding.disclosures_of",
        ],
    ]

    /// What the operator may read.
    static let operatorViews: Set<String> = [
        "casework.agency_overview", "casework.case_overview", "casework.client_overview",
        "casework.clock_overview", "casework.division", "casework.message_overview", "casework.operator_timeline",
        "casework.referral_overview", "casework.staff_task_overview", "casework.station", "casework.station_inbox",
        "casework.timeline",
        "queue.job_overview", "queue.leader", "queue.limit_overview", "queue.periodic_overview",
        "queue.queue_overview", "queue.retention_overview", "queue.worker",
    ]

    static var roles: [String] { self.functions.keys.sorted() }
}
