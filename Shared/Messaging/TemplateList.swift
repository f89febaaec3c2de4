/// The templates that are shipped. A test compares this list with the `Templates` directory.
enum TemplateList {
    /// By file name.
    static let shipped: [(name: String, bytes: [UInt8])] = [
        ("agency.desk.digest.en.mustache", PackageResources.agency_desk_digest_en_mustache),
        ("agency.desk.digest.zh-Hans.mustache", PackageResources.agency_desk_digest_zh_Hans_mustache),
        ("agency.desk.notice.en.mustache", PackageResources.agency_desk_notice_en_mustache),
        ("agency.desk.notice.zh-Hans.mustache", PackageResources.agency_desk_notice_zh_Hans_mustache),
        ("agency.desk.referral_due.en.mustache", PackageResources.agency_desk_referral_due_en_mustache),
        ("agency.desk.referral_due.zh-Hans.mustache", PackageResources.agency_desk_referral_due_zh_Hans_mustache),
        ("agency.desk.referral_escalated.en.mustache", PackageResources.agency_desk_referral_escalated_en_mustache),
        (
            "agency.desk.referral_escalated.zh-Hans.mustache",
            PackageResources.agency_desk_referral_escalated_zh_Hans_mustache
        ),
        ("agency.desk.referral_offered.en.mustache", PackageResources.agency_desk_referral_offered_en_mustache),
        (
            "agency.desk.referral_offered.zh-Hans.mustache",
            PackageResources.agency_desk_referral_offered_zh_Hans_mustache
        ),
        ("agency.desk.referral_withdrawn.en.mustache", PackageResources.agency_desk_referral_withdrawn_en_mustache),
        (
            "agency.desk.referral_withdrawn.zh-Hans.mustache",
            PackageResources.agency_desk_referral_withdrawn_zh_Hans_mustache
        ),
        ("help_seeker.email.appointment.en.mustache", PackageResources.help_seeker_email_appointment_en_mustache),
        (
            "help_seeker.email.appointment.zh-Hans.mustache",
            PackageResources.help_seeker_email_appointment_zh_Hans_mustache
        ),
        ("help_seeker.email.follow_up.en.mustache", PackageResources.help_seeker_email_follow_up_en_mustache),
        ("help_seeker.email.follow_up.zh-Hans.mustache", PackageResources.help_seeker_email_follow_up_zh_Hans_mustache),
        ("help_seeker.email.news_for_you.en.mustache", PackageResources.help_seeker_email_news_for_you_en_mustache),
        (
            "help_seeker.email.news_for_you.zh-Hans.mustache",
            PackageResources.help_seeker_email_news_for_you_zh_Hans_mustache
        ),
        (
            "help_seeker.email.please_call_back.en.mustache",
            PackageResources.help_seeker_email_please_call_back_en_mustache
        ),
        (
            "help_seeker.email.please_call_back.zh-Hans.mustache",
            PackageResources.help_seeker_email_please_call_back_zh_Hans_mustache
        ),
        (
            "help_seeker.email.request_received.en.mustache",
            PackageResources.help_seeker_email_request_received_en_mustache
        ),
        (
            "help_seeker.email.request_received.zh-Hans.mustache",
            PackageResources.help_seeker_email_request_received_zh_Hans_mustache
        ),
        ("help_seeker.sms.appointment.en.mustache", PackageResources.help_seeker_sms_appointment_en_mustache),
        ("help_seeker.sms.appointment.zh-Hans.mustache", PackageResources.help_seeker_sms_appointment_zh_Hans_mustache),
        ("help_seeker.sms.follow_up.en.mustache", PackageResources.help_seeker_sms_follow_up_en_mustache),
        ("help_seeker.sms.follow_up.zh-Hans.mustache", PackageResources.help_seeker_sms_follow_up_zh_Hans_mustache),
        ("help_seeker.sms.news_for_you.en.mustache", PackageResources.help_seeker_sms_news_for_you_en_mustache),
        (
            "help_seeker.sms.news_for_you.zh-Hans.mustache",
            PackageResources.help_seeker_sms_news_for_you_zh_Hans_mustache
        ),
        ("help_seeker.sms.please_call_back.en.mustache", PackageResources.help_seeker_sms_please_call_back_en_mustache),
        (
            "help_seeker.sms.please_call_back.zh-Hans.mustache",
            PackageResources.help_seeker_sms_please_call_back_zh_Hans_mustache
        ),
        ("help_seeker.sms.request_received.en.mustache", PackageResources.help_seeker_sms_request_received_en_mustache),
        (
            "help_seeker.sms.request_received.zh-Hans.mustache",
            PackageResources.help_seeker_sms_request_received_zh_Hans_mustache
        ),
        ("operators.desk.clock_backlog.en.mustache", PackageResources.operators_desk_clock_backlog_en_mustache),
        (
            "operators.desk.clock_backlog.zh-Hans.mustache",
            PackageResources.operators_desk_clock_backlog_zh_Hans_mustache
        ),
        ("operators.desk.dead_letters.en.mustache", PackageResources.operators_desk_dead_letters_en_mustache),
        ("operators.desk.dead_letters.zh-Hans.mustache", PackageResources.operators_desk_dead_letters_zh_Hans_mustache),
        ("operators.desk.notice.en.mustache", PackageResources.operators_desk_notice_en_mustache),
        ("operators.desk.notice.zh-Hans.mustache", PackageResources.operators_desk_notice_zh_Hans_mustache),
        ("operators.desk.provider_down.en.mustache", PackageResources.operators_desk_provider_down_en_mustache),
        (
            "operators.desk.provider_down.zh-Hans.mustache",
            PackageResources.operators_desk_provider_down_zh_Hans_mustache
        ),
        ("station.desk.access_opened.en.mustache", PackageResources.station_desk_access_opened_en_mustache),
        ("station.desk.access_opened.zh-Hans.mustache", PackageResources.station_desk_access_opened_zh_Hans_mustache),
        ("station.desk.backstop.en.mustache", PackageResources.station_desk_backstop_en_mustache),
        ("station.desk.backstop.zh-Hans.mustache", PackageResources.station_desk_backstop_zh_Hans_mustache),
        ("station.desk.call_agency.en.mustache", PackageResources.station_desk_call_agency_en_mustache),
        ("station.desk.call_agency.zh-Hans.mustache", PackageResources.station_desk_call_agency_zh_Hans_mustache),
        (
            "station.desk.call_agency_emergency.en.mustache",
            PackageResources.station_desk_call_agency_emergency_en_mustache
        ),
        (
            "station.desk.call_agency_emergency.zh-Hans.mustache",
            PackageResources.station_desk_call_agency_emergency_zh_Hans_mustache
        ),
        ("station.desk.call_back_due.en.mustache", PackageResources.station_desk_call_back_due_en_mustache),
        ("station.desk.call_back_due.zh-Hans.mustache", PackageResources.station_desk_call_back_due_zh_Hans_mustache),
        ("station.desk.case_closed.en.mustache", PackageResources.station_desk_case_closed_en_mustache),
        ("station.desk.case_closed.zh-Hans.mustache", PackageResources.station_desk_case_closed_zh_Hans_mustache),
        ("station.desk.clock_breached.en.mustache", PackageResources.station_desk_clock_breached_en_mustache),
        ("station.desk.clock_breached.zh-Hans.mustache", PackageResources.station_desk_clock_breached_zh_Hans_mustache),
        ("station.desk.contact_failed.en.mustache", PackageResources.station_desk_contact_failed_en_mustache),
        ("station.desk.contact_failed.zh-Hans.mustache", PackageResources.station_desk_contact_failed_zh_Hans_mustache),
        ("station.desk.contact_suppressed.en.mustache", PackageResources.station_desk_contact_suppressed_en_mustache),
        (
            "station.desk.contact_suppressed.zh-Hans.mustache",
            PackageResources.station_desk_contact_suppressed_zh_Hans_mustache
        ),
        (
            "station.desk.disclosure_overridden.en.mustache",
            PackageResources.station_desk_disclosure_overridden_en_mustache
        ),
        (
            "station.desk.disclosure_overridden.zh-Hans.mustache",
            PackageResources.station_desk_disclosure_overridden_zh_Hans_mustache
        ),
        ("station.desk.due_soon.en.mustache", PackageResources.station_desk_due_soon_en_mustache),
        ("station.desk.due_soon.zh-Hans.mustache", PackageResources.station_desk_due_soon_zh_Hans_mustache),
        ("station.desk.escalated.en.mustache", PackageResources.station_desk_escalated_en_mustache),
        ("station.desk.escalated.zh-Hans.mustache", PackageResources.station_desk_escalated_zh_Hans_mustache),
        ("station.desk.follow_up_due.en.mustache", PackageResources.station_desk_follow_up_due_en_mustache),
        ("station.desk.follow_up_due.zh-Hans.mustache", PackageResources.station_desk_follow_up_due_zh_Hans_mustache),
        ("station.desk.new_case.en.mustache", PackageResources.station_desk_new_case_en_mustache),
        ("station.desk.new_case.zh-Hans.mustache", PackageResources.station_desk_new_case_zh_Hans_mustache),
        ("station.desk.not_settled.en.mustache", PackageResources.station_desk_not_settled_en_mustache),
        ("station.desk.not_settled.zh-Hans.mustache", PackageResources.station_desk_not_settled_zh_Hans_mustache),
        ("station.desk.notice.en.mustache", PackageResources.station_desk_notice_en_mustache),
        ("station.desk.notice.zh-Hans.mustache", PackageResources.station_desk_notice_zh_Hans_mustache),
        ("station.desk.objected.en.mustache", PackageResources.station_desk_objected_en_mustache),
        ("station.desk.objected.zh-Hans.mustache", PackageResources.station_desk_objected_zh_Hans_mustache),
        ("station.desk.re_assess.en.mustache", PackageResources.station_desk_re_assess_en_mustache),
        ("station.desk.re_assess.zh-Hans.mustache", PackageResources.station_desk_re_assess_zh_Hans_mustache),
        ("station.desk.referral_rejected.en.mustache", PackageResources.station_desk_referral_rejected_en_mustache),
        (
            "station.desk.referral_rejected.zh-Hans.mustache",
            PackageResources.station_desk_referral_rejected_zh_Hans_mustache
        ),
        ("station.desk.station_unreachable.en.mustache", PackageResources.station_desk_station_unreachable_en_mustache),
        (
            "station.desk.station_unreachable.zh-Hans.mustache",
            PackageResources.station_desk_station_unreachable_zh_Hans_mustache
        ),
        ("station.desk.task_overdue.en.mustache", PackageResources.station_desk_task_overdue_en_mustache),
        ("station.desk.task_overdue.zh-Hans.mustache", PackageResources.station_desk_task_overdue_zh_Hans_mustache),
    ]
}
