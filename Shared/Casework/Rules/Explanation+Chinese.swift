/// How the words of a decision read in Chinese. Codes stay codes in data; this is for people.
extension DivisionLevel {
    public var chinese: String {
        switch self {
        case .region: "自治区"
        case .league: "盟市"
        case .county: "旗县"
        case .township: "苏木乡镇"
        case .village: "嘎查村"
        }
    }
}

extension Purpose {
    /// The Chinese name; the code itself for a purpose this version does not know.
    public var chinese: String {
        Self.chineseNames[self] ?? self.rawValue
    }

    private static let chineseNames: [Purpose: String] = [
        .emergencyResponse: "紧急处置", .mandatoryReport: "强制报告", .policeReport: "报案处置",
        .protectionOrder: "人身安全保护令", .guardianship: "监护评估", .legalSupervision: "法律监督",
        .legalAid: "法律援助", .safePlacement: "安全安置", .mediation: "调解", .counselling: "心理辅导",
        .materialAid: "款物帮扶", .socialAssistance: "社会救助", .employment: "就业帮扶", .labourRights: "劳动维权",
        .medicalCare: "医疗救治", .familyEducation: "家庭教育指导", .petition: "信访办理", .screeningVisit: "排查走访",
        .advice: "咨询解答", .casework: "妇联办理",
        .superiorFiling: "上级备案", .applicationOnBehalf: "代为申请保护令", .protectionOrderReview: "保护令复议",
        .legalAidReview: "法律援助异议审查", .supervisionOpinion: "督促处理意见", .lawsuitSupport: "支持起诉",
        .employerInterview: "约谈用人单位", .labourArbitration: "劳动仲裁", .collectiveRights: "集体成员权益协调",
        .judicialAssistance: "司法救助", .judicialConfirmation: "调解协议司法确认", .petitionReview: "信访复查复核",
        .litigationTransfer: "涉法涉诉事项转送", .urgentReport: "重大紧急情况上报", .safetyPlan: "安全计划",
    ]
}

extension ConsentBasis {
    public var chinese: String {
        switch self {
        case .consent: "已取得本人同意"
        case .emergency: "紧急情况，无需同意（《个人信息保护法》第十三条第一款第四项）"
        case .statutoryDuty: "法定报告义务，无需同意（《个人信息保护法》第十三条第一款第三项）"
        case .ownHandling: "妇联自行办理，不向外披露"
        }
    }
}

extension WithheldReason {
    public var chinese: String {
        switch self {
        case .missingConsent: "尚未取得本人同意"
        case .consentRefused: "本人不同意"
        case .consentWithdrawn: "本人已撤回同意"
        case .consentExpired: "同意已过期"
        case .violenceFlag: "涉家庭暴力，不得自动转调解"
        case .untilSafe: "待安全确认后再转"
        case .noAgency: "各级均无可承接部门"
        }
    }
}
