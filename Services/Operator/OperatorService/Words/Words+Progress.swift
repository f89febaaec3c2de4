import Casework
import CaseworkStore

extension CaseStatus {
    var chinese: String {
        switch self {
        case .open: "办理中"
        case .closed: "已结案"
        }
    }
}

extension ReferralStatus {
    var chinese: String {
        switch self {
        case .draft: "草稿"
        case .requested: "已发出"
        case .received: "已接收"
        case .accepted: "已受理"
        case .rejected: "已退回"
        case .objected: "有异议"
        case .scheduled: "已约时间"
        case .inProgress: "办理中"
        case .onHold: "暂停"
        case .completed: "已办结"
        case .failed: "未办成"
        case .noShow: "本人未到"
        case .closedVerified: "已核实办结"
        case .cancelRequested: "请求撤回"
        case .cancelled: "已撤回"
        case .revoked: "同意已撤"
        case .enteredInError: "录入有误"
        }
    }
}

extension ClockKind {
    var chinese: String {
        switch self {
        case .firstResponse: "首次响应"
        case .referralAnswer: "部门答复"
        case .referralOutcome: "部门办结"
        case .caseAction: "主办站办理"
        case .followUp: "回访"
        case .callBack: "结案前回访"
        case .consentExpiry: "同意到期"
        case .riskReview: "风险复评"
        case .superiorDecision: "上级裁定"
        case .jointTask: "联办任务"
        }
    }
}

extension ClockStatus {
    var chinese: String {
        switch self {
        case .running: "计时中"
        case .met: "按时"
        case .breached: "超时"
        case .cancelled: "已取消"
        }
    }
}

extension MessageState {
    var chinese: String {
        switch self {
        case .pending: "待发"
        case .scheduled: "择时发送"
        case .sending: "发送中"
        case .sent: "已发"
        case .delivered: "已送达"
        case .failed: "发送失败"
        case .denied: "未发（不安全）"
        case .cleared: "已清除"
        case .muted: "免发"
        }
    }
}

extension Outcome {
    var chinese: String {
        switch self {
        case .dangerAverted: "危险已排除"
        case .warningLetterIssued: "已出具告诫书"
        case .reportAccepted: "已受理报告"
        case .protectionOrderIssued: "已作出人身安全保护令"
        case .protectionOrderRefused: "驳回保护令申请"
        case .placedSafely: "已安全安置"
        case .guardianshipArranged: "已落实监护"
        case .reconciled: "和好"
        case .agreementReached: "达成协议"
        case .mediationFailed: "调解不成"
        case .separatedSafely: "平稳分开"
        case .returnedHome: "回归家庭"
        case .legalAidGranted: "已给予法律援助"
        case .legalAidRefused: "不予法律援助"
        case .counsellingGiven: "已完成心理辅导"
        case .aidDelivered: "款物已送达"
        case .employed: "已就业"
        case .trainingArranged: "已安排培训"
        case .treated: "已就医"
        case .adviceGiven: "已答复"
        case .resolved: "已解决"
        case .notResolved: "未解决"
        case .unreachable: "联系不上"
        }
    }
}

extension RejectReason {
    var chinese: String {
        switch self {
        case .notOurJurisdiction: "不属于本辖区"
        case .notOurDuty: "不属于本部门职责"
        case .notEligible: "不符合条件"
        case .noCapacity: "无力承接"
        case .insufficientInformation: "信息不足"
        case .conflictOfInterest: "利益冲突"
        case .alreadyHandled: "已在办理"
        case .personUnreachable: "联系不上"
        case .other: "其他"
        }
    }
}
