import AgencyDoors
import DandelionAgency
import FoundationEssentials
import PostgresClient

/// What a partner writes in psql, with a login of its own.
struct AgencyBySQL: AgencyAtADoor {
    let pool: PostgresPool
    let agency: NetworkFixture.Agency

    func lease(_ maximum: Int) async throws -> [(lease: String, referral: String)] {
        try await self.pool.execute(Self.lease, Int32(maximum)).map { try $0.decode((String, String).self) }
    }

    func extend(_ lease: String) async throws -> DoorResult { try await self.word(Self.extend, lease) }
    func accept(_ lease: String) async throws -> DoorResult { try await self.word(Self.accept, lease) }
    func handBack(_ lease: String) async throws -> DoorResult { try await self.word(Self.handBack, lease) }

    func reject(_ lease: String, _ reason: String) async throws -> DoorResult {
        try await self.word(Self.reject, lease, reason)
    }

    func object(_ lease: String, _ reason: String) async throws -> DoorResult {
        try await self.word(Self.object, lease, reason)
    }

    func progress(_ referral: String, _ status: String) async throws -> DoorResult {
        try await self.word(Self.progress, referral, status)
    }

    func complete(_ referral: String, _ outcome: String) async throws -> DoorResult {
        try await self.word(Self.complete, referral, outcome)
    }

    func package(_ lease: String) async throws -> AgencyPackage? {
        guard let disclosure = try await self.pool.execute(Self.request, lease).first?.decode(UUID?.self),
            let row = try await self.pool.execute(Self.read, disclosure).first
        else { return nil }
        let (profile, sealed, referral, agency) = try row.decode((String, [UInt8], UUID, UUID).self)
        let package = SealedPackage(sealed: Data(sealed), referralId: referral, agencyId: agency, profile: profile)
        return try AgencyPackage.open(package, privateKey: self.agency.privateKey)
    }

    func networkKey() async throws -> AgencyNetworkKey? {
        guard let row = try await self.pool.execute(Self.networkKey).first else { return nil }
        let (id, key, validFrom, signature, agency) = try row.decode((String, [UInt8], Date, [UInt8], UUID).self)
        return AgencyNetworkKey(
            keyId: id, publicKey: Data(key), validFrom: validFrom, signature: Data(signature), agencyId: agency)
    }

    func say(
        _ text: DandelionAgency.AgencyText, _ occasion: Occasion, _ target: String
    ) async throws -> DoorResult {
        var parameters: [(any PostgresEncodable)?] = [target]
        let statement: Statement
        switch occasion {
        case .accepted: statement = Self.acceptText
        case .rejected: (statement, parameters) = (Self.rejectText, [target, Said.reason])
        case .objected: (statement, parameters) = (Self.objectText, [target, Said.reason])
        case .scheduled, .inProgress, .onHold:
            (statement, parameters) = (Self.progressText, [target, occasion.rawValue])
        case .completed, .failed, .noShow:
            (statement, parameters) = (Self.completeText, [target, Said.outcome, occasion.rawValue])
        }
        parameters += [
            text.keyId, text.sealed.map(Array.init), try text.attachmentsJSON().map(PostgresJSON.init(text:)),
        ]
        let row = try await self.pool.execute(statement, parameters: parameters).first
        guard let word = try row?.decode(String.self), let result = DoorResult(rawValue: word) else {
            throw UnexpectedAnswer(text: statement.name)
        }
        return result
    }

    func referrals() async throws -> [String: String] {
        Dictionary(
            try await self.pool.execute(Self.referrals).map { try $0.decode((String, String).self) },
            uniquingKeysWith: { $1 })
    }

    private func word(_ statement: Statement, _ parameters: (any PostgresEncodable)?...) async throws -> DoorResult {
        let text = try await self.pool.execute(statement, parameters: parameters).first?.decode(String.self)
        guard let result = text.flatMap(DoorResult.init(rawValue:)) else { throw UnexpectedAnswer(text: text ?? "") }
        return result
    }

    private static let lease = Statement(name: "c_lease", "SELECT lease, referral FROM partner.lease($1)")
    private static let extend = Statement(name: "c_extend", "SELECT result FROM partner.extend($1)")
    private static let networkKey = Statement(
        name: "c_network_key",
        "SELECT key_id, public_key, valid_from, signature, agency_id FROM partner.network_key()")
    private static let acceptText = Statement(name: "c_accept_text", "SELECT partner.accept($1, $2, $3, $4)")
    private static let rejectText = Statement(
        name: "c_reject_text",
        "SELECT partner.reject($1, $2, p_text_key => $3, p_text => $4, p_attachments => $5)")
    private static let objectText = Statement(
        name: "c_object_text",
        "SELECT partner.object($1, $2, p_text_key => $3, p_text => $4, p_attachments => $5)")
    private static let progressText = Statement(name: "c_progress_text", "SELECT partner.progress($1, $2, $3, $4, $5)")
    private static let completeText = Statement(
        name: "c_complete_text", "SELECT partner.complete($1, $2, $3, $4, $5, $6)")
    private static let accept = Statement(name: "c_accept", "SELECT partner.accept($1)")
    private static let reject = Statement(name: "c_reject", "SELECT partner.reject($1, $2)")
    private static let object = Statement(name: "c_object", "SELECT partner.object($1, $2)")
    private static let handBack = Statement(name: "c_hand_back", "SELECT partner.hand_back($1)")
    private static let progress = Statement(name: "c_progress", "SELECT partner.progress($1, $2)")
    private static let complete = Statement(name: "c_complete", "SELECT partner.complete($1, $2)")
    private static let request = Statement(name: "c_request", "SELECT disclosure FROM partner.request_package($1)")
    private static let read = Statement(
        name: "c_read", "SELECT profile, sealed, referral_id, agency_id FROM partner.read_package($1)")
    private static let referrals = Statement(name: "c_referrals", "SELECT referral, status FROM partner.referrals()")
}

/// A door said something that is none of the words.
struct UnexpectedAnswer: Error {
    let text: String
}
