/// What a person needs. Needs are a list on the case, apart from what the case is about.
public struct Need: Code {
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// 安全住处
    public static let shelter: Self = "shelter"
    /// 调解
    public static let mediation: Self = "mediation"
    /// 心理辅导
    public static let counselling: Self = "counselling"
    /// 法律援助
    public static let legalAid: Self = "legal_aid"
    /// 人身安全保护令
    public static let protectionOrder: Self = "protection_order"
    /// 报警求助
    public static let police: Self = "police"
    /// 就业
    public static let employment: Self = "employment"
    /// 劳动维权
    public static let labourRights: Self = "labour_rights"
    /// 款物帮扶
    public static let materialAid: Self = "material_aid"
    /// 临时救助
    public static let socialAssistance: Self = "social_assistance"
    /// 医疗
    public static let medical: Self = "medical"
    /// 家庭教育指导
    public static let familyEducation: Self = "family_education"
    /// 监护
    public static let guardianship: Self = "guardianship"
    /// 信访答复
    public static let petitionReply: Self = "petition_reply"
    /// 告诫书
    public static let warningLetter: Self = "warning_letter"
    /// 支持起诉
    public static let lawsuitSupport: Self = "lawsuit_support"
    /// 约谈用人单位
    public static let employerInterview: Self = "employer_interview"
    /// 劳动仲裁
    public static let labourArbitration: Self = "labour_arbitration"
    /// 司法救助
    public static let judicialAssistance: Self = "judicial_assistance"
    /// 调解协议司法确认
    public static let judicialConfirmation: Self = "judicial_confirmation"
    /// 信访复查复核
    public static let petitionReview: Self = "petition_review"
    /// 咨询
    public static let advice: Self = "advice"

    /// The needs a request may name.
    public static let known: [Self] = [
        .shelter, .mediation, .counselling, .legalAid, .protectionOrder, .police, .employment, .labourRights,
        .materialAid, .socialAssistance, .medical, .familyEducation, .guardianship, .petitionReply, .warningLetter,
        .lawsuitSupport, .employerInterview, .labourArbitration, .judicialAssistance, .judicialConfirmation,
        .petitionReview, .advice,
    ]
}
