public import FoundationEssentials

/// Who gave a consent.
public enum ConsentGiver: String, Sendable, Codable, CaseIterable {
    /// 本人
    case herself
    /// 监护人: not heard when he is suspected of the harm.
    case guardian
    /// 其他监护人、近亲属
    case otherGuardian = "other_guardian"
    /// 民政部门（临时监护）
    case civilAffairs = "civil_affairs"
}

/// What sort of data a disclosure holds, as she is told when she is asked.
public enum ConsentDataKind: String, Sendable, Codable, CaseIterable {
    /// 姓名、性别、出生日期
    case identity
    /// 联系方式
    case contact
    /// 所在旗县
    case place
    /// 经过、诉求
    case narrative
    /// 危险、受伤情况
    case danger
    /// 案件类别、需求
    case matter
    /// 子女情况
    case children
    /// 对方情况
    case respondent
}

extension DisclosureProfileName {
    /// The kinds of data a package under this profile holds. A test compares them with the fields of the profile.
    public var dataKinds: Set<ConsentDataKind> { Self.kinds[self] ?? Set(ConsentDataKind.allCases) }

    private static let kinds: [DisclosureProfileName: Set<ConsentDataKind>] = [
        .emergency: [.identity, .contact, .place, .narrative, .danger, .matter, .children, .respondent],
        .mandatoryReport: [.identity, .contact, .place, .narrative, .danger, .matter, .children, .respondent],
        .policeReport: [.identity, .contact, .place, .narrative, .danger, .matter, .respondent],
        .court: [.identity, .contact, .place, .narrative, .danger, .matter, .children, .respondent],
        .legalAid: [.identity, .contact, .place, .narrative, .matter, .respondent],
        .shelter: [.identity, .contact, .place, .danger, .matter, .children],
        .mediation: [.identity, .contact, .place, .matter, .respondent],
        .counselling: [.identity, .contact, .place, .danger, .matter],
        .assistance: [.identity, .contact, .place, .matter],
        .medical: [.identity, .contact, .place, .danger, .matter],
        .employment: [.identity, .contact, .place, .matter],
        .station: [.identity, .contact, .place, .narrative, .danger, .matter, .children, .respondent],
        .minimal: [.place],
    ]
}

extension CaseFacts {
    /// The consents that count. A guardian who is suspected of the harm is neither asked nor heard, whether he agrees or
    /// refuses. For a child under fourteen a guardian agrees (PIPL art. 31); her own refusal always counts.
    public var validConsents: [Consent] {
        let isUnder14 = self.people.contains(.seekerUnder14)
        let guardianIsSuspected = self.flags.contains(.guardianSuspected)
        guard isUnder14 || guardianIsSuspected else { return self.consents }
        return self.consents.filter { consent in
            switch consent.givenBy {
            case .herself: consent.status != .granted || !isUnder14
            case .guardian: !guardianIsSuspected
            case .otherGuardian, .civilAffairs: true
            }
        }
    }
}

extension Sequence<Consent> {
    /// The answer about one agency: what was said of others by name does not count.
    public func answer(
        for kind: AgencyKind, _ purpose: Purpose, needing data: Set<ConsentDataKind>, at now: Date, about agency: UUID
    ) -> ConsentAnswer {
        self.filter { $0.agencies?.contains(agency) ?? true }.map { consent in
            var consent = consent
            consent.agencies = nil
            return consent
        }.answer(for: kind, purpose, needing: data, at: now)
    }

    /// The agencies of a kind she agreed to by name; `nil` when she agreed to whichever it is.
    func agencies(agreedFor kind: AgencyKind, _ purpose: Purpose, at now: Date) -> Set<UUID>? {
        var named: Set<UUID> = []
        for consent in self where consent.concerns(kind, purpose) && consent.status == .granted {
            guard consent.expiresAt.map({ $0 > now }) ?? true else { continue }
            guard let agencies = consent.agencies else { return nil }
            named.formUnion(agencies)
        }
        return named
    }

    /// The agencies she said no to by name.
    func agencies(refusedFor kind: AgencyKind, _ purpose: Purpose) -> Set<UUID> {
        self.filter { $0.concerns(kind, purpose) && $0.status != .granted }
            .reduce(into: []) { $0.formUnion($1.agencies ?? []) }
    }
}

/// A referral whose disclosure rests on something.
public struct DisclosedReferral: Hashable, Sendable {
    public let id: UUID
    public let agencyID: UUID
    public let agencyKind: AgencyKind
    public let purpose: Purpose
    public let profile: DisclosureProfileName
    public let basis: ConsentBasis
    public let status: ReferralStatus

    public init(
        id: UUID, agencyID: UUID, agencyKind: AgencyKind, purpose: Purpose, profile: DisclosureProfileName,
        basis: ConsentBasis, status: ReferralStatus
    ) {
        self.id = id
        self.agencyID = agencyID
        self.agencyKind = agencyKind
        self.purpose = purpose
        self.profile = profile
        self.basis = basis
        self.status = status
    }
}

extension CaseFacts {
    /// The referrals that lost the consent they rest on, by withdrawal, refusal or its end: open ones are revoked and what
    /// was shared is hidden from the agency. What rests on an emergency or a duty stays.
    public func withoutConsent(_ referrals: some Sequence<DisclosedReferral>, at now: Date) -> [DisclosedReferral] {
        referrals.filter { referral in
            guard referral.basis == .consent, referral.status != .revoked, referral.status != .enteredInError else {
                return false
            }
            let answer = self.validConsents.answer(
                for: referral.agencyKind, referral.purpose, needing: referral.profile.dataKinds, at: now,
                about: referral.agencyID)
            return answer != .granted
        }
    }
}

/// What a recorded override allows: one kind of agency, for one purpose, on an article of the law.
public struct ConsentException: Hashable, Sendable, Codable {
    public let agencyKind: AgencyKind
    public let purpose: Purpose
    /// `emergency` or `statutory_duty`.
    public let basis: ConsentBasis
    /// The article, in Chinese.
    public let article: String

    public init(agencyKind: AgencyKind, purpose: Purpose, basis: ConsentBasis, article: String) {
        self.agencyKind = agencyKind
        self.purpose = purpose
        self.basis = basis
        self.article = article
    }

    enum CodingKeys: String, CodingKey {
        case agencyKind = "agency_kind"
        case purpose
        case basis
        case article
    }
}

/// A disclosure against or without consent that no rule makes: only by somebody with that right, with a reason, a legal
/// basis, and a supervisor who is told (S18). There is no other way to make one.
public struct DisclosureOverride: Hashable, Sendable {
    public let by: StaffID
    public let told: StaffID
    public let basis: ConsentBasis
    /// The article, in Chinese.
    public let article: String
    public let at: Date

    /// Throws when anything is missing: nothing is disclosed then.
    public init(
        by staff: StaffMember, telling supervisor: StaffMember, basis: ConsentBasis, article: String, at now: Date
    ) throws(DisclosureOverrideError) {
        guard staff.roles.contains(.caseworker) || staff.roles.contains(.supervisor) else { throw .noRight }
        guard supervisor.roles.contains(.supervisor), supervisor.id != staff.id else { throw .noSupervisor }
        guard basis == .emergency || basis == .statutoryDuty else { throw .noBasis }
        guard article.contains("第"), article.contains("条") else { throw .noArticle }
        self.by = staff.id
        self.told = supervisor.id
        self.basis = basis
        self.article = article
        self.at = now
    }
}

/// What an override lacks.
public enum DisclosureOverrideError: String, Error, Hashable, Sendable, CaseIterable {
    case noRight = "no_right"
    case noSupervisor = "no_supervisor"
    case noBasis = "no_basis"
    case noArticle = "no_article"
}
