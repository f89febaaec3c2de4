import Foundation
import PostgresClient
import Testing

/// What a partner writes in psql.
enum PartnerCalls {
    static let lease = Statement(
        name: "partner_lease", "SELECT lease, referral FROM partner.lease($1)")
    static let extend = Statement(name: "partner_extend", "SELECT result FROM partner.extend($1)")
    static let handBack = Statement(name: "partner_hand_back", "SELECT partner.hand_back($1)")
    static let accept = Statement(name: "partner_accept", "SELECT partner.accept($1)")
    static let reject = Statement(name: "partner_reject", "SELECT partner.reject($1, $2, $3)")
    static let object = Statement(name: "partner_object", "SELECT partner.object($1, $2, $3)")
    static let progress = Statement(name: "partner_progress", "SELECT partner.progress($1, $2)")
    static let complete = Statement(name: "partner_complete", "SELECT partner.complete($1, $2)")
    static let bell = Statement(name: "partner_bell", "SELECT partner.bell()")
    static let request = Statement(
        name: "partner_request", "SELECT result, disclosure FROM partner.request_package($1)")
    static let read = Statement(
        name: "partner_read", "SELECT referral, profile, fields, sealed FROM partner.read_package($1)")
    static let referrals = Statement(name: "partner_referrals", "SELECT referral, status FROM partner.referrals()")

    /// Every verb that takes a lease, with arguments that would otherwise do.
    static let leaseVerbs: [(Statement, [(any PostgresEncodable)?])] = [
        (extend, []), (handBack, []), (accept, []), (reject, ["no_capacity", Optional<String>.none]),
        (object, ["not_our_duty", Optional<String>.none]),
        (Statement(name: "partner_request_result", "SELECT result FROM partner.request_package($1)"), []),
    ]
}

extension PostgresExecutor {
    func lease(_ limit: Int = 1) async throws -> [(lease: String, referral: String)] {
        try await self.execute(PartnerCalls.lease, Int32(limit)).map { try $0.decode((String, String).self) }
    }

    func word(_ statement: Statement, _ parameters: (any PostgresEncodable)?...) async throws -> String {
        try #require(await self.execute(statement, parameters: parameters).first).decode(String.self)
    }

    /// Asks for the package under a lease.
    func request(_ lease: String) async throws -> (result: String, disclosure: UUID?) {
        try #require(await self.execute(PartnerCalls.request, lease).first).decode((String, UUID?).self)
    }
}
