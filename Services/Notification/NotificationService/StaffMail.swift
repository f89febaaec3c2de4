import Casework
import CaseworkStore
import FoundationEssentials
import Mail

/// What a station's desk is told: a case number and what is to be done, never a person. Mail is not encrypted; who
/// wants to know more signs in.
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
        case "call_agency_emergency": "紧急情况，请立即电话联系协作部门"
        case "call_agency": "请电话联系协作部门，转介已发出"
        case "escalated": "案件已升级，请处理"
        case "backstop": "没有可转介的部门，请本站办理"
        case "follow_up_due": "回访时间已到，请处理"
        case "case_closed": "案件已办结，请核实"
        case "contact_suppressed": "一条消息未发出，需要人工联系"
        case "contact_failed": "一条消息发送失败，需要人工联系"
        default: "有新的情况，请查看"
        }
    }
}
