import Casework

/// The Chinese names of the network's codes, for people. Codes stay codes in data.
extension AgencyKind {
    var chinese: String { Self.chineseNames[self] ?? self.rawValue }

    private static let chineseNames: [AgencyKind: String] = [
        .police: "公安", .court: "法院", .procuratorate: "检察院", .justiceBureau: "司法行政", .legalAidCentre: "法律援助中心",
        .mediationCommittee: "调解委员会", .civilAffairs: "民政", .shelter: "救助站", .humanResources: "人社",
        .labourArbitration: "劳动仲裁", .educationBureau: "教育", .youthLeague: "共青团", .disabledFederation: "残联",
        .redCross: "红十字会", .foundation: "妇女儿童基金会", .psychologicalService: "心理服务", .healthService: "卫健",
        .petitionOffice: "信访", .tradeUnion: "工会", .townshipGovernment: "苏木乡镇政府", .politicalLegalCommittee: "政法委",
        .governanceCentre: "综治中心", .nextGenerationCommittee: "关工委", .lawFirm: "律所", .socialOrganisation: "社会组织",
        .welfareInstitute: "福利院", .womensFederation: "妇联",
    ]
}

extension RiskLevel {
    var chinese: String {
        switch self {
        case .imminent: "P0 生命危险"
        case .high: "P1 高"
        case .medium: "P2 中"
        case .low: "P3 低"
        }
    }
}

extension IntakeChannel {
    var chinese: String {
        switch self {
        case .hotline: "12338 热线"
        case .walkIn: "来访"
        case .online: "线上"
        case .gridWorker: "网格员"
        case .screening: "排查走访"
        case .partner: "协作部门"
        case .import: "历史导入"
        }
    }
}

extension PersonRole {
    var chinese: String {
        switch self {
        case .helpSeeker: "求助人"
        case .respondent: "被投诉方"
        case .child: "子女"
        case .reporter: "报告人"
        case .guardian: "监护人"
        case .witness: "证人"
        }
    }
}
