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
    /// 妇联自行办理（兜底）
    public static let casework: Self = "casework"

    /// The purposes the network knows; a rule or a consent naming another is refused.
    public static let known: [Self] = [
        .emergencyResponse, .mandatoryReport, .policeReport, .protectionOrder, .guardianship, .legalSupervision,
        .legalAid, .safePlacement, .mediation, .counselling, .materialAid, .socialAssistance, .employment,
        .labourRights, .medicalCare, .familyEducation, .petition, .screeningVisit, .advice, .casework,
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
        .emergency, .mandatoryReport, .court, .legalAid, .shelter, .mediation, .counselling, .assistance, .employment,
        .station, .minimal,
    ]
}
