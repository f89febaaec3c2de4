/// How a referral or a case ended.
public enum Outcome: String, Sendable, Codable, CaseIterable {
    /// 危险已排除
    case dangerAverted = "danger_averted"
    /// 已出具告诫书
    case warningLetterIssued = "warning_letter_issued"
    /// 已立案、受理报告
    case reportAccepted = "report_accepted"
    /// 已作出人身安全保护令
    case protectionOrderIssued = "protection_order_issued"
    /// 驳回保护令申请
    case protectionOrderRefused = "protection_order_refused"
    /// 已安全安置
    case placedSafely = "placed_safely"
    /// 已落实监护
    case guardianshipArranged = "guardianship_arranged"
    /// 和好
    case reconciled
    /// 达成协议
    case agreementReached = "agreement_reached"
    /// 调解不成
    case mediationFailed = "mediation_failed"
    /// 平稳分开
    case separatedSafely = "separated_safely"
    /// 回归家庭
    case returnedHome = "returned_home"
    /// 已给予法律援助
    case legalAidGranted = "legal_aid_granted"
    /// 不予法律援助
    case legalAidRefused = "legal_aid_refused"
    /// 已完成心理辅导
    case counsellingGiven = "counselling_given"
    /// 款物已送达
    case aidDelivered = "aid_delivered"
    /// 已就业
    case employed
    /// 已安排培训
    case trainingArranged = "training_arranged"
    /// 已就医
    case treated
    /// 已答复
    case adviceGiven = "advice_given"
    /// 已解决
    case resolved
    /// 未解决
    case notResolved = "not_resolved"
    /// 已联系不上
    case unreachable

    /// Whether a safety referral that ended so removed the danger it was for.
    public var removesDanger: Bool {
        switch self {
        case .dangerAverted, .warningLetterIssued, .reportAccepted, .protectionOrderIssued, .placedSafely,
            .guardianshipArranged, .separatedSafely, .resolved:
            true
        case .protectionOrderRefused, .reconciled, .agreementReached, .mediationFailed, .returnedHome,
            .legalAidGranted, .legalAidRefused, .counsellingGiven, .aidDelivered, .employed, .trainingArranged,
            .treated, .adviceGiven, .notResolved, .unreachable:
            false
        }
    }
}
