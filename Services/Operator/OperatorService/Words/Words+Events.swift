import Casework

extension CaseEventKind {
    var chinese: String {
        switch self {
        case .caseOpened: "受理求助"
        case .ownerAssigned: "确定主办站"
        case .caseRouted: "研判分流"
        case .referralWithheld: "暂不转介"
        case .referralRequested: "发出转介"
        case .referralReceived: "部门接收"
        case .referralAccepted: "部门受理"
        case .referralRejected: "部门退回"
        case .referralObjected: "部门异议"
        case .referralScheduled: "约定时间"
        case .referralInProgress: "部门办理"
        case .referralOnHold: "部门暂停"
        case .referralCompleted: "部门办结"
        case .referralFailed: "部门未办成"
        case .referralNoShow: "本人未到"
        case .referralClosedVerified: "核实办结"
        case .referralCancelRequested: "请求撤回"
        case .referralCancelled: "撤回转介"
        case .referralRevoked: "撤销披露"
        case .referralEnteredInError: "更正录入"
        case .referralRerouted: "改转部门"
        case .packageResealed: "重新封装"
        case .packageDiscarded: "作废封装"
        case .backstopUsed: "旗县兜底"
        case .consentRecorded: "记录同意"
        case .consentWithdrawn: "撤回同意"
        case .consentExpired: "同意到期"
        case .disclosureOverridden: "依法披露"
        case .clockStarted: "开始计时"
        case .clockMet: "按时完成"
        case .clockBreached: "时限届满"
        case .clockCancelled: "取消计时"
        case .clockDueSoon: "临近届满"
        case .clockPaused: "中止计时"
        case .clockResumed: "恢复计时"
        case .clockExtended: "延长时限"
        case .caseEscalated: "提级"
        case .ownerChanged: "变更主办站"
        case .safetyConfirmed: "确认安全"
        case .riskAssessed: "评估风险"
        case .riskRaised: "提高风险"
        case .riskLoweringProposed: "提议降险"
        case .riskLowered: "降低风险"
        case .riskReviewDue: "应再评估"
        case .triageSuggested: "提示询问"
        case .triageAnswered: "答复提示"
        case .milestoneReached: "案件进展"
        case .superiorAsked: "提请裁定"
        case .superiorDecided: "上级裁定"
        case .callBackAsked: "待回访"
        case .calledBack: "已回访"
        case .closingAsked: "申请结案"
        case .staffAssigned: "指派人员"
        case .jointJoined: "加入联办"
        case .jointLeft: "退出联办"
        case .taskGiven: "分派任务"
        case .taskSettled: "任务办结"
        case .conferenceHeld: "案件会商"
        case .casesLinked: "关联案件"
        case .accessOpened: "特别查阅"
        case .peopleRead: "查看人员"
        case .textRead: "查看部门来文"
        case .staffNotified: "通知工作站"
        case .agencyNotified: "通知部门"
        case .messageSent: "告知本人"
        case .messageScheduled: "择时告知"
        case .messageDenied: "不予告知"
        case .messageFailed: "未能告知"
        case .messageDelivered: "已送达本人"
        case .messageCleared: "停止告知"
        case .contactStopped: "停止联系"
        case .noticeFailed: "通知未达"
        case .noticeMuted: "免于通知"
        case .followUpScheduled: "安排回访"
        case .followUpDue: "到期回访"
        case .caseClosed: "结案"
        case .caseReopened: "重新办理"
        case .holdSet: "暂缓销毁"
        case .holdReleased: "解除暂缓销毁"
        case .caseAnonymised: "期满去标识"
        case .safetyLost: "不再认为安全"
        case .caseRead: "查阅案件"
        }
    }
}

/// Words that are codes in events and have no type of their own.
enum EventWords {
    /// The kind of an event; the code itself for one this version does not know.
    static func kind(_ code: String) -> String { CaseEventKind(rawValue: code)?.chinese ?? code }

    /// What a station's desk is told.
    static func notice(_ code: String) -> String { self.notices[code] ?? code }

    /// Why nothing was sent to a person.
    static func suppression(_ code: String) -> String { self.suppressions[code] ?? code }

    /// `follow_up_30d` is 30 天, `follow_up_1y` 1 年; the clock's name itself when it is of another form.
    static func followUp(_ clock: String) -> String {
        let span = clock.hasPrefix("follow_up_") ? clock.dropFirst(10) : ""
        guard let number = Int(span.dropLast()) else { return clock }
        return span.hasSuffix("d") ? "\(number) 天" : span.hasSuffix("y") ? "\(number) 年" : clock
    }

    static func template(_ code: String) -> String { self.templates[code] ?? code }

    private static let notices = [
        "backstop": "请本站兜底办理", "escalated": "案件已提级", "call_agency": "请电话联系部门",
        "call_agency_emergency": "紧急，请立即电话联系部门", "follow_up_due": "请回访", "case_closed": "案件已结案",
        "contact_suppressed": "不能安全告知本人，请人工联系", "contact_failed": "未能告知本人，请人工联系",
        "station_unreachable": "下级站未收到紧急通知，请立即联系", "objected": "部门有异议，请裁定",
        "call_back_due": "请在结案前回访", "not_settled": "本人表示未解决",
        "task_overdue": "联办任务逾期", "access_opened": "有人特别查阅本案", "disclosure_overridden": "未经本人同意依法披露",
        "new_case": "有新案件", "due_soon": "时限将到", "clock_breached": "时限已过", "referral_rejected": "部门退回转介",
        "re_assess": "请重新评估风险", "digest": "部门汇总", "referral_offered": "新转介", "referral_due": "转介时限将到",
        "referral_withdrawn": "转介已撤回", "referral_escalated": "转介逾期已提级", "provider_down": "发送渠道故障",
        "dead_letters": "有任务失败", "clock_backlog": "时限处理滞后",
    ]

    private static let suppressions = [
        "no_rule": "未约定安全联系方式", "never": "本人不愿被联系", "stopped": "本人要求停止联系", "expired": "约定已过期",
        "no_window": "无安全时段", "channel_unavailable": "约定方式无法发送", "no_safe_address": "无安全地址",
        "respondent_contact": "与被投诉方共用", "shared_contact": "与他人共用", "guardian_contact": "与涉嫌的监护人共用",
        "sender_not_neutral": "发件名称不安全", "denied_text": "用词不安全", "unknown_template": "无此内容",
        "unreadable_data": "资料无法读取", "refused_rule": "约定被改动", "unconfirmed": "约定时间有误", "malformed_rule": "约定有误",
        "replaced_rule": "约定已更新", "outside_hours": "待安全时段", "quiet_hours": "待上班时段", "late": "未能及时送达",
        "not_the_help_seeker": "非求助人", "no_address": "未设联系地址", "nothing_to_say": "无内容", "rate_cap": "发送过多",
    ]

    private static let templates = [
        "news_for_you": "有新进展", "request_received": "已收到", "please_call_back": "请回电", "appointment": "预约",
        "follow_up": "回访",
    ]
}
