public import FoundationEssentials

/// Her answer to one question of consent, as staff record it.
public struct ConsentBody: Sendable, Hashable {
    public let by: StaffID
    /// Without ``agencyCodes``, whose ids only the network knows.
    public let consent: Consent
    /// The agencies she means; empty for any of the kinds.
    public let agencyCodes: [String]

    /// Reads `{by, agency_kinds, agencies, purpose, granted, given_by, data_kinds, expires_at}`.
    public static func parse(_ data: Data, now: Date) throws(IntakeRejection) -> ConsentBody {
        let fields: Set = [
            "agency_kinds", "agencies", "purpose", "granted", "given_by", "data_kinds", "expires_at",
        ]
        return try ActionBody.read(data, fields: fields) { reader, problems in
            for name in ["agency_kinds", "purpose", "granted"] { reader.require(name, &problems) }
            let by = reader.staff(&problems)
            let consent = reader.consent(now: now, &problems)
            let codes = reader.agencyCodes(&problems)
            guard let by, let consent else { return nil }
            return ConsentBody(by: by, consent: consent, agencyCodes: codes)
        }
    }
}

/// What she takes back of what she agreed to.
public struct WithdrawalBody: Sendable, Hashable {
    public let by: StaffID
    public let agencyKind: AgencyKind?
    public let agencyCode: String?
    public let purpose: Purpose?

    /// Reads `{by, agency_kind, agency, purpose}`: what is left out is not narrowed, and `{by}` takes everything back.
    public static func parse(_ data: Data) throws(IntakeRejection) -> WithdrawalBody {
        try ActionBody.read(data, fields: ["agency_kind", "agency", "purpose"]) { reader, problems in
            let by = reader.staff(&problems)
            let kind = reader.text("agency_kind", limit: 64, &problems).map(AgencyKind.init(rawValue:))
            if let kind, !kind.isWellFormed {
                reader.report("agency_kind", .malformed, "must be a word of a-z, 0-9 and _", &problems)
            }
            let agency = reader.agencyCode("agency", &problems)
            if kind != nil, agency != nil {
                reader.report("agency", .inconsistent, "name the agency or its kind, not both", &problems)
            }
            let purpose = reader.purpose(&problems)
            guard let by else { return nil }
            return WithdrawalBody(by: by, agencyKind: kind, agencyCode: agency, purpose: purpose)
        }
    }
}
