import Casework
import CaseworkStore
import FoundationEssentials
import Mail

/// What a station's desk is told: a case number and what is to be done, never a person. Mail is not encrypted; who wants to
/// know more signs in.
enum StaffMail {
    /// The mail for a notice.
    /// - Throws: `MailError.badAddress` when the desk's address is none.
    static func mail(_ notice: NoticeForSending, to address: String, date: Date) throws(MailError) -> OutgoingMail {
        try OutgoingMail(
            id: notice.id, to: address, subject: "案件 \(notice.caseNumber)：\(Self.matter(notice.kind))",
            text: """
                案件 \(notice.caseNumber)：\(Self.matter(notice.kind))。

                请登录工作平台查看并办理。本邮件不含个人信息，请勿直接回复。

                """,
            date: date)
    }

    /// What a kind of notice is about. One this version does not know is still worth a look.
    static func matter(_ kind: String) -> String {
        switch kind {
        case "contact_suppressed": "一条消息未发出，需要人工联系"
        case "contact_failed": "一条消息发送失败，需要人工联系"
        case "emergency", "emergency_call", "call_now": "紧急情况，请立即处理"
        case "mandatory_report": "须依法报告，请立即处理"
        case "escalated", "case_escalated": "案件已升级到本级，请处理"
        case "clock_breached": "办理时限已到，请处理"
        case "referral_rejected": "转介被退回，请处理"
        case "referral_withheld", "consent_missing": "有转介等待本人同意，请确认"
        case "backstop", "backstop_used", "no_agency": "没有可转介的部门，请本站办理"
        case "follow_up", "follow_up_due": "回访时间已到，请处理"
        case "case_settled", "case_closed": "案件已办结，请核实"
        default: "有新的情况，请查看"
        }
    }
}
