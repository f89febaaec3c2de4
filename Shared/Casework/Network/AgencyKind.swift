/// What sort of body an agency 部门 is. Data decides which kinds exist; the constants are those the code names.
public struct AgencyKind: Code {
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// 公安机关
    public static let police: Self = "police"
    /// 人民法院
    public static let court: Self = "court"
    /// 人民检察院
    public static let procuratorate: Self = "procuratorate"
    /// 司法行政机关
    public static let justiceBureau: Self = "justice_bureau"
    /// 法律援助中心
    public static let legalAidCentre: Self = "legal_aid_centre"
    /// 婚姻家庭纠纷人民调解委员会、调解工作室
    public static let mediationCommittee: Self = "mediation_committee"
    /// 民政部门
    public static let civilAffairs: Self = "civil_affairs"
    /// 救助管理站、庇护所
    public static let shelter: Self = "shelter"
    /// 人力资源和社会保障部门
    public static let humanResources: Self = "human_resources"
    /// 劳动人事争议仲裁委员会
    public static let labourArbitration: Self = "labour_arbitration"
    /// 教育部门
    public static let educationBureau: Self = "education_bureau"
    /// 共青团
    public static let youthLeague: Self = "youth_league"
    /// 残疾人联合会
    public static let disabledFederation: Self = "disabled_persons_federation"
    /// 红十字会
    public static let redCross: Self = "red_cross"
    /// 妇女儿童基金会
    public static let foundation: Self = "women_children_foundation"
    /// 心理服务机构
    public static let psychologicalService: Self = "psychological_service"
    /// 卫生健康部门、医疗机构
    public static let healthService: Self = "health_service"
    /// 信访工作机构
    public static let petitionOffice: Self = "petition_office"
    /// 总工会
    public static let tradeUnion: Self = "trade_union"
    /// 苏木乡镇人民政府、街道办事处
    public static let townshipGovernment: Self = "township_government"
    /// 政法委
    public static let politicalLegalCommittee: Self = "political_legal_committee"
    /// 社会治安综合治理中心
    public static let governanceCentre: Self = "governance_centre"
    /// 关心下一代工作委员会
    public static let nextGenerationCommittee: Self = "next_generation_committee"
    /// 律师事务所
    public static let lawFirm: Self = "law_firm"
    /// 社会组织
    public static let socialOrganisation: Self = "social_organisation"
    /// 社会福利院、未成年人救助保护机构
    public static let welfareInstitute: Self = "welfare_institute"
    /// 妇女联合会: the network's own stations, and the backstop of every case.
    public static let womensFederation: Self = "womens_federation"

    /// The kinds this code names. Data may know more; a code from outside is taken only from this list, because any
    /// other word could be about a person.
    public static let known: [AgencyKind] = [
        .police, .court, .procuratorate, .justiceBureau, .legalAidCentre, .mediationCommittee, .civilAffairs, .shelter,
        .humanResources, .labourArbitration, .educationBureau, .youthLeague, .disabledFederation, .redCross,
        .foundation, .psychologicalService, .healthService, .petitionOffice, .tradeUnion, .townshipGovernment,
        .politicalLegalCommittee, .governanceCentre, .nextGenerationCommittee, .lawFirm, .socialOrganisation,
        .welfareInstitute, .womensFederation,
    ]
}
