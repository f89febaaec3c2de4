public import FoundationEssentials

/// A disclosure without her consent that staff answer for, on an article of the law, with a supervisor who is told.
public struct OverrideBody: Sendable, Hashable {
    public let by: StaffID
    public let supervisor: StaffID
    public let exception: ConsentException

    public init(by: StaffID, supervisor: StaffID, exception: ConsentException) {
        self.by = by
        self.supervisor = supervisor
        self.exception = exception
    }

    /// Reads `{by, supervisor, agency_kind, purpose, basis, article}`.
    public static func parse(_ data: Data) throws(IntakeRejection) -> OverrideBody {
        let fields: Set = ["supervisor", "agency_kind", "purpose", "basis", "article"]
        return try ActionBody.read(data, fields: fields) { reader, problems in
            for name in ["agency_kind", "purpose", "basis", "article"] { reader.require(name, &problems) }
            let by = reader.staff(&problems)
            let supervisor = reader.staff(&problems, named: "supervisor")
            if let by, by == supervisor {
                reader.report("supervisor", .inconsistent, "must be another person", &problems)
            }
            let kind = reader.text("agency_kind", limit: 64, &problems).map(AgencyKind.init(rawValue:))
            if let kind, !kind.isWellFormed {
                reader.report("agency_kind", .malformed, "must be a word of a-z, 0-9 and _", &problems)
            }
            let purpose = reader.purpose(&problems)
            if let purpose, purpose.isMediation {
                reader.report("purpose", .inconsistent, "nobody is brought together without her wish", &problems)
            }
            let basis = reader.word("basis", as: ConsentBasis.self, &problems)
            if let basis, basis != .emergency, basis != .statutoryDuty {
                reader.report("basis", .unknownValue, "must be emergency or statutory_duty", &problems)
            }
            let article = reader.text("article", limit: 200, &problems)
            if let article, !article.contains("第") || !article.contains("条") {
                reader.report("article", .malformed, "must name the law and its article, as 《…》第…条", &problems)
            }
            guard let by, let supervisor, let kind, let purpose, let basis, let article else { return nil }
            return OverrideBody(
                by: by, supervisor: supervisor,
                exception: ConsentException(agencyKind: kind, purpose: purpose, basis: basis, article: article))
        }
    }
}
