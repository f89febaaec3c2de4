/// Something about the people on a case that the law gives a consequence. It says what somebody is, never who.
public enum PersonFact: String, Sendable, Codable, CaseIterable {
    /// 求助人怀孕、哺乳
    case pregnantOrNursing = "pregnant_or_nursing"
    /// 求助人怀孕、分娩后一年内、终止妊娠后六个月内 (Civil Code art. 1082)
    case divorceProtected = "divorce_protected"
    /// 老年人
    case elderly
    /// 残疾人
    case disabled
    /// 重病患者
    case seriouslyIll = "seriously_ill"
    /// 无人照料、缺乏监护
    case unattended
    /// 受强制、威吓，不能自行申请
    case coerced
    /// 求助人不满十四周岁: a guardian consents for her (PIPL art. 31)
    case seekerUnder14 = "seeker_under_14"
    /// 有不满十四周岁的子女
    case childUnder14 = "child_under_14"
    /// 有未成年子女
    case minorChildren = "minor_children"
    /// 农村牧区集体成员
    case ruralCollectiveMember = "rural_collective_member"
    /// 受害人所在单位或用人单位侵害权益
    case employerViolates = "employer_violates"
    /// 加害人是配偶或其他家庭成员
    case respondentFamily = "respondent_family"
    /// 加害人是前配偶、恋爱对象或前恋爱对象
    case respondentFormerPartner = "respondent_former_partner"
    /// 加害人是共同生活的人
    case respondentCohabitant = "respondent_cohabitant"
    /// 经济困难
    case poor

    /// Whether the law orders special protection for such a person (Anti-Domestic-Violence Law art. 5).
    public var isSpeciallyProtected: Bool {
        switch self {
        case .pregnantOrNursing, .elderly, .disabled, .seriouslyIll: true
        case .divorceProtected, .unattended, .coerced, .seekerUnder14, .childUnder14, .minorChildren,
            .ruralCollectiveMember,
            .employerViolates, .respondentFamily, .respondentFormerPartner, .respondentCohabitant, .poor:
            false
        }
    }
}

/// One of the situations in which harm to a minor must be reported (高检发〔2020〕9号). The wording is the network's own; the
/// list is to be compared with the document before it is relied on.
public enum MinorSign: String, Sendable, Codable, CaseIterable {
    /// 隐私部位有非正常损伤
    case privateInjury = "private_injury"
    /// 不满十四周岁的女孩受性侵害、怀孕或者流产
    case girlUnder14 = "girl_under_14"
    /// 十四周岁以上怀孕，疑因受侵害
    case pregnancyByAssault = "pregnancy_by_assault"
    /// 多处损伤、严重营养不良、意识不清
    case manyInjuries = "many_injuries"
    /// 自杀、自残、中毒等非正常伤亡
    case selfHarmOrPoison = "self_harm_or_poison"
    /// 被遗弃、长期无人照料
    case abandoned
    /// 来源不明、失踪、被拐
    case unknownOrigin = "unknown_origin"
    /// 被组织乞讨
    case madeToBeg = "made_to_beg"
    /// 其他严重侵害
    case otherSeriousHarm = "other_serious_harm"
}

/// The public body that is handling a criminal, civil or administrative matter of the case 办案机关.
public enum HandlingOrgan: String, Sendable, Codable, CaseIterable {
    /// Nobody handles one.
    case none
    case police
    case procuratorate
    case court
    case justiceBureau = "justice_bureau"
}

/// A place that may found jurisdiction beside the place of the case.
public enum PlaceRole: String, Sendable, Codable, CaseIterable {
    /// Where it happened or where she lives: the case's own division.
    case caseDivision = "case"
    /// 被申请人居住地
    case respondentHome = "respondent_home"
    /// 侵害发生地、争议发生地
    case incident
    /// 办案机关所在地
    case handlingOrgan = "handling_organ"
}

/// A day something ends or happens that rules look ahead to.
public enum DeadlineKind: String, Sendable, Codable, CaseIterable {
    /// 诉讼时效、起诉期限
    case limitation
    /// 开庭
    case hearing
    /// 保护令到期
    case protectionOrderExpiry = "protection_order_expiry"
    /// 加害人获释
    case respondentReleased = "respondent_released"
    /// 庇护期满
    case shelterStayEnd = "shelter_stay_end"
}
