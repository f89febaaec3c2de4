public import Casework
public import FoundationEssentials
public import PostgresClient

/// Why somebody on the network's staff reads what agencies wrote.
public enum TextReading: String, Sendable, CaseIterable {
    /// To work on the case.
    case handling
    /// To hand it to a colleague.
    case handingOver = "handing_over"
    /// To look over a colleague's work.
    case supervision
    /// Because somebody complained.
    case complaint
    case audit
}

/// What an agency wrote with an answer or a report, sealed to one of the network's keys.
public struct StoredAgencyText: Sendable {
    /// A file that the agency keeps.
    public struct Attachment: Sendable, Decodable, Equatable {
        public let sha256: String
        public let mediaType: String
        public let bytes: Int64
        /// Where it lies, sealed; base64.
        public let location: String

        private enum CodingKeys: String, CodingKey {
            case sha256, bytes, location
            case mediaType = "media_type"
        }
    }

    public let referral: ReferralNumber
    public let agencyID: UUID
    public let agency: String
    /// The answer or report it came with, which is sealed in.
    public let status: String
    /// Who sent it, at an agency's desk.
    public let staff: String?
    public let sentAt: Date
    /// The id of the network's key that opens it.
    public let keyID: String
    /// SHA-256 of all that is sealed in it, as the ledger's entry has it.
    public let digest: [UInt8]
    /// `nil` when it is erased, or has attachments alone.
    public let sealed: [UInt8]?
    public let attachments: [Attachment]
    public let erasedAt: Date?
}

/// What agencies wrote, for those who may read it: in two transactions, since the record of a reading is committed before the bytes are
/// given.
public struct AgencyTextStore: Sendable {
    public init() {}

    /// Enters in the case, and so in the ledger, that somebody is about to read and why.
    /// - Returns: the record, for ``read(_:on:)`` in the next transaction, and how many texts there are.
    /// - Throws: `CaseworkError`: `unknownCase`, `unknownStaff`, `staffMayNot`, `relatedToParty`.
    public func ask(
        _ number: CaseNumber, by staff: StaffID, because reason: TextReading, on executor: some PostgresExecutor
    ) async throws -> (request: Int64, texts: Int64) {
        try await executor.callForRow(Self.askTexts, [number.rawValue, staff.rawValue, reason.rawValue])
            .decode((Int64, Int64).self)
    }

    /// The texts as they were when they were asked for, oldest first.
    /// - Throws: `PostgresError` with SQLSTATE DC101 when no earlier transaction committed the record, or it is older than ten minutes.
    public func read(_ request: Int64, on executor: some PostgresExecutor) async throws -> [StoredAgencyText] {
        try await executor.call(Self.readTexts, [request]).map { row in
            guard let number = ReferralNumber(rawValue: try row.decode(column: "referral")) else {
                throw CaseworkError(code: .unreadableRow, place: "referral")
            }
            return StoredAgencyText(
                referral: number, agencyID: try row.decode(column: "agency_id"),
                agency: try row.decode(column: "agency"), status: try row.decode(column: "status"),
                staff: try row.decode(column: "staff"), sentAt: try row.decode(column: "sent_at"),
                keyID: try row.decode(column: "key_id"), digest: try row.decode(column: "digest"),
                sealed: try row.decode(column: "sealed"),
                attachments: try row.decode(PostgresJSON?.self, column: "attachments")?
                    .decode([StoredAgencyText.Attachment].self) ?? [],
                erasedAt: try row.decode(column: "erased_at"))
        }
    }
}
