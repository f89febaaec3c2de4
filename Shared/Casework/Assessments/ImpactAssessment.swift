/// An impact assessment 个人信息保护影响评估 (个人信息保护法 55, 56): what was assessed, by whom, and with what result. It speaks of
/// kinds of data and of agencies and names no person.
public struct ImpactAssessment: Hashable, Sendable, Codable {
    public enum Subject: String, Hashable, Sendable, Codable, CaseIterable {
        /// What is disclosed to whom.
        case disclosure
        /// Another processing of personal data.
        case processing
    }

    /// How much is at stake for the people concerned, before the measures.
    public enum Risk: String, Hashable, Sendable, Codable, CaseIterable {
        case low, medium, high
    }

    public enum Outcome: String, Hashable, Sendable, Codable, CaseIterable {
        case approved, refused
    }

    /// What tells it from every other, such as `2026-legal-aid`.
    public let reference: String
    public let subject: Subject
    public let title: String
    /// What is processed, where it is no disclosure by rules.
    public let processing: String?
    /// The body or the post that answers for it.
    public let assessedBy: String
    public let assessedOn: LocalDate
    /// The last day on which rules can be put in force by it; `nil` when it has no end.
    public let validUntil: LocalDate?
    /// Whether purpose and manner are lawful and legitimate, and by which law.
    public let lawfulness: String
    /// Why no less would do.
    public let necessity: String
    /// What it means for the people, and what can go wrong.
    public let impact: String
    public let risk: Risk
    /// What protects them, fitting the risk.
    public let measures: [String]
    public let outcome: Outcome
    /// Where the signed document is.
    public let document: String
    /// The SHA-256 of the document, in hexadecimal.
    public let documentSHA256: String?
    /// What it covers; empty for a processing.
    public let disclosures: [RuleDisclosure]

    public init(
        reference: String, subject: Subject, title: String, processing: String? = nil, assessedBy: String,
        assessedOn: LocalDate, validUntil: LocalDate? = nil, lawfulness: String, necessity: String, impact: String,
        risk: Risk, measures: [String], outcome: Outcome, document: String, documentSHA256: String? = nil,
        disclosures: [RuleDisclosure]
    ) {
        self.reference = reference
        self.subject = subject
        self.title = title
        self.processing = processing
        self.assessedBy = assessedBy
        self.assessedOn = assessedOn
        self.validUntil = validUntil
        self.lawfulness = lawfulness
        self.necessity = necessity
        self.impact = impact
        self.risk = risk
        self.measures = measures
        self.outcome = outcome
        self.document = document
        self.documentSHA256 = documentSHA256
        self.disclosures = disclosures
    }

    private enum CodingKeys: String, CodingKey {
        case reference, subject, title, processing, lawfulness, necessity, impact, risk, measures, outcome, document
        case disclosures
        case assessedBy = "assessed_by"
        case assessedOn = "assessed_on"
        case validUntil = "valid_until"
        case documentSHA256 = "document_sha256"
    }
}
