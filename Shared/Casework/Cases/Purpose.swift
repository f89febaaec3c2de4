/// Why a case is referred to an agency: what the agency is asked to do, and what a consent is given for.
public struct Purpose: Code {
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// 紧急处置
    public static let emergencyResponse: Self = "emergency_response"
    /// 强制报告
    public static let mandatoryReport: Self = "mandatory_report"
    /// 报案、出具告诫书
    public static let policeReport: Self = "police_report"
    /// 人身安全保护令
    public static let protectionOrder: Self = "protection_order"
    /// 监护评估与临时监护
    public static let guardianship: Self = "guardianship"
    /// 法律监督
    public static let legalSupervision: Self = "legal_supervision"
    /// 法律援助
    public static let legalAid: Self = "legal_aid"
    /// 安全住处
    public static let safePlacement: Self = "safe_placement"
    /// 调解
    public static let mediation: Self = "mediation"
    /// 心理辅导
    public static let counselling: Self = "counselling"
    /// 款物帮扶
    public static let materialAid: Self = "material_aid"
    /// 临时救助、社会救助
    public static let socialAssistance: Self = "social_assistance"
    /// 就业帮扶
    public static let employment: Self = "employment"
    /// 劳动维权
    public static let labourRights: Self = "labour_rights"
    /// 医疗救治
    public static let medicalCare: Self = "medical_care"
    /// 家庭教育指导
    public static let familyEducation: Self = "family_education"
    /// 信访
    public static let petition: Self = "petition"
    /// 排查走访
    public static let screeningVisit: Self = "screening_visit"
    /// 法律政策咨询
    public static let advice: Self = "advice"
    /// 强制报告的上级备案
    public static let superiorFiling: Self = "superior_filing"
    /// 代为申请保护令
    public static let applicationOnBehalf: Self = "application_on_behalf"
    /// 保护令申请被驳回后的复议
    public static let protectionOrderReview: Self = "protection_order_review"
    /// 不予法律援助的异议
    public static let legalAidReview: Self = "legal_aid_review"
    /// 督促处理意见
    public static let supervisionOpinion: Self = "supervision_opinion"
    /// 支持起诉
    public static let lawsuitSupport: Self = "lawsuit_support"
    /// 约谈用人单位
    public static let employerInterview: Self = "employer_interview"
    /// 劳动仲裁
    public static let labourArbitration: Self = "labour_arbitration"
    /// 集体成员权益的协调
    public static let collectiveRights: Self = "collective_rights"
    /// 司法救助
    public static let judicialAssistance: Self = "judicial_assistance"
    /// 调解协议司法确认
    public static let judicialConfirmation: Self = "judicial_confirmation"
    /// 信访复查复核
    public static let petitionReview: Self = "petition_review"
    /// 涉法涉诉事项转送
    public static let litigationTransfer: Self = "litigation_transfer"
    /// 重大紧急情况上报
    public static let urgentReport: Self = "urgent_report"
    /// 本人不愿报警时的安全计划
    public static let safetyPlan: Self = "safety_plan"
    /// 妇联自行办理（兜底）
    public static let casework: Self = "casework"

    /// The purposes the network knows; a rule or a consent naming another is refused.
    public static let known: [Self] = [
        .emergencyResponse, .mandatoryReport, .policeReport, .protectionOrder, .guardianship, .legalSupervision,
        .legalAid, .safePlacement, .mediation, .counselling, .materialAid, .socialAssistance, .employment,
        .labourRights, .medicalCare, .familyEducation, .petition, .screeningVisit, .advice, .superiorFiling,
        .applicationOnBehalf, .protectionOrderReview, .legalAidReview, .supervisionOpinion, .lawsuitSupport,
        .employerInterview, .labourArbitration, .collectiveRights, .judicialAssistance, .judicialConfirmation,
        .petitionReview, .litigationTransfer, .urgentReport, .safetyPlan, .casework,
    ]

    /// Whether this brings the parties together, which is never automatic while the violence flag stands.
    public var isMediation: Bool { self == .mediation }
}

/// The name of a disclosure profile: which fields of a case an agency of that kind may see for that purpose. What each
/// holds is decided by the Safeguarding module.
public struct DisclosureProfileName: Code {
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// Police at once: who, where, what danger, a safe way to reach her.
    public static let emergency: Self = "emergency"
    /// A mandatory report: the child, the suspicion; never the reporter.
    public static let mandatoryReport: Self = "mandatory_report"
    /// A report to the police that is no emergency, and the warning letter.
    public static let policeReport: Self = "police_report"
    /// Medical treatment.
    public static let medical: Self = "medical"
    /// A protection order at court.
    public static let court: Self = "court"
    /// Legal aid and lawyers.
    public static let legalAid: Self = "legal_aid"
    /// A safe place to stay.
    public static let shelter: Self = "shelter"
    /// Mediation.
    public static let mediation: Self = "mediation"
    /// Psychological support.
    public static let counselling: Self = "counselling"
    /// Money, goods, social assistance.
    public static let assistance: Self = "assistance"
    /// Work and labour rights.
    public static let employment: Self = "employment"
    /// Another station of the federation.
    public static let station: Self = "station"
    /// Ids and codes only.
    public static let minimal: Self = "minimal"

    /// The profiles a rule may name.
    public static let known: [Self] = [
        .emergency, .mandatoryReport, .policeReport, .court, .legalAid, .shelter, .mediation, .counselling,
        .assistance, .medical, .employment, .station, .minimal,
    ]
}
