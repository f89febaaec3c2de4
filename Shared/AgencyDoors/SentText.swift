public import Casework
public import FoundationEssentials
public import PostgresClient

/// What an agency sends in its own words with an answer or a report: sealed to the network's key, so that nobody on its way can read it.
public struct SentText: Sendable, Equatable {
    /// A file that the agency keeps; nobody fetches it.
    public struct Attachment: Codable, Sendable, Equatable {
        /// SHA-256, hexadecimal.
        public let sha256: String
        public let mediaType: String
        /// The file's length.
        public let bytes: Int64
        /// Where it lies, sealed; base64.
        public let location: String

        private enum CodingKeys: String, CodingKey {
            case sha256, bytes, location
            case mediaType = "media_type"
        }

        public init(sha256: String, mediaType: String, bytes: Int64, location: String) {
            self.sha256 = sha256
            self.mediaType = mediaType
            self.bytes = bytes
            self.location = location
        }
    }

    /// The id of the network's key that it is sealed to.
    public let keyID: String
    /// `nil` when there are attachments alone.
    public let sealed: [UInt8]?
    public let attachments: [Attachment]

    public init(keyID: String, sealed: [UInt8]?, attachments: [Attachment] = []) {
        self.keyID = keyID
        self.sealed = sealed
        self.attachments = attachments
    }

    /// As the doors' functions take it: key, bytes, list.
    var parameters: [(any PostgresEncodable)?] {
        get throws {
            [
                self.keyID, self.sealed,
                self.attachments.isEmpty ? nil : try PostgresJSON(encoding: self.attachments),
            ]
        }
    }
}

/// The network's key that agencies seal their texts to now, as it stands in the database, and the onboarding key's signature over it.
public struct CurrentNetworkKey: Sendable {
    /// SHA-256 of the key, hexadecimal.
    public let id: String
    /// X25519, 32 bytes.
    public let publicKey: [UInt8]
    public let validFrom: Date
    /// Ed25519, 64 bytes. It is not looked at here: whoever seals to the key does.
    public let signature: [UInt8]
}

/// That an agency sent a text: with what and how much, and not what.
public struct DeskText: Sendable, Equatable {
    /// The status that the answer or report led to.
    public let status: String
    /// Who sent it, where it was sent at the desk.
    public let staff: String?
    public let sentAt: Date
    /// Of all that is sealed in it.
    public let bytes: Int
    public let attachments: Int
}

extension GatewayDoorStore {
    /// The network's current key; `nil` when there is none, and no text is taken.
    public func networkKey(on executor: some PostgresExecutor) async throws -> CurrentNetworkKey? {
        guard let row = try await executor.execute(Self.networkKey).first else { return nil }
        let (id, publicKey, validFrom, signature) = try row.decode((String, [UInt8], Date, [UInt8]).self)
        return CurrentNetworkKey(id: id, publicKey: publicKey, validFrom: validFrom, signature: signature)
    }

    /// What the agency sent with one of its referrals, in order.
    public func deskTexts(
        _ number: ReferralNumber, of agency: UUID, on executor: some PostgresExecutor
    ) async throws -> [DeskText] {
        try await executor.execute(Self.deskTexts, agency, number.rawValue).map { row in
            let (status, staff, sentAt, size, attachments) = try row.decode(
                (String, String?, Date, Int32, Int32).self)
            return DeskText(
                status: status, staff: staff, sentAt: sentAt, bytes: Int(size), attachments: Int(attachments))
        }
    }

    static let networkKey = Statement(
        name: "gateway_network_key", "SELECT id, public_key, valid_from, signature FROM gateway.network_key()")
    static let deskTexts = Statement(
        name: "gateway_desk_texts",
        "SELECT status, staff_id, sent_at, size, attachments FROM gateway.desk_texts($1, $2)")

    // With a text; without one the shorter calls are made.
    static let answerWithText = Statement(
        name: "gateway_answer_text",
        "SELECT result, status, reason_code FROM gateway.answer($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
    static let reportWithText = Statement(
        name: "gateway_report_text",
        "SELECT result, status, outcome_code FROM gateway.report($1, $2, $3, $4, $5, $6, $7)")
    static let deskAnswerWithText = Statement(
        name: "gateway_desk_answer_text",
        "SELECT result, status, reason_code FROM gateway.desk_answer($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)")
    static let deskReportWithText = Statement(
        name: "gateway_desk_report_text",
        "SELECT result, status, outcome_code FROM gateway.desk_report($1, $2, $3, $4, $5, $6, $7, $8)")
}
