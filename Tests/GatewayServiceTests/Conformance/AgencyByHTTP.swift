import AgencyDoors
import DandelionAgency
import FoundationEssentials
import NIOConcurrencyHelpers

/// What a partner writes with curl; with a webhook it is told beforehand.
final class AgencyByHTTP: AgencyAtADoor {
    let gateway: GatewayHarness
    let agency: NetworkFixture.Agency
    /// Returns when these referrals were announced, where there is a webhook to do so.
    private let announced: @Sendable (_ referrals: Set<String>) async throws -> Void
    /// A package comes with its lease.
    private let packages = NIOLockedValueBox<[String: SealedPackage]>([:])

    init(
        gateway: GatewayHarness, agency: NetworkFixture.Agency,
        announced: @escaping @Sendable (Set<String>) async throws -> Void = { _ in }
    ) {
        self.gateway = gateway
        self.agency = agency
        self.announced = announced
    }

    private struct Leases: Decodable {
        struct Lease: Decodable {
            struct Referral: Decodable {
                let number: String
            }

            let lease: String
            let referral: Referral
            let package: SealedPackage
        }

        let leases: [Lease]
    }

    private struct Page: Decodable {
        struct Item: Decodable {
            let number: String
            let status: String
        }

        let referrals: [Item]
    }

    func lease(_ maximum: Int) async throws -> [(lease: String, referral: String)] {
        let answer = try await self.gateway.send(
            .POST, "/v1/leases", key: self.agency.key, body: #"{"max":\#(maximum)}"#)
        let leases = try Self.decoder.decode(Leases.self, from: Data(answer.body.utf8)).leases
        try await self.announced(Set(leases.map(\.referral.number)))
        self.packages.withLockedValue { for lease in leases { $0[lease.lease] = lease.package } }
        return leases.map { ($0.lease, $0.referral.number) }
    }

    func extend(_ lease: String) async throws -> DoorResult { try await self.result("leases/\(lease)/extend") }
    func accept(_ lease: String) async throws -> DoorResult { try await self.result("leases/\(lease)/accept") }
    func handBack(_ lease: String) async throws -> DoorResult { try await self.result("leases/\(lease)/hand-back") }

    func reject(_ lease: String, _ reason: String) async throws -> DoorResult {
        try await self.result("leases/\(lease)/reject", #"{"reason":"\#(reason)"}"#)
    }

    func object(_ lease: String, _ reason: String) async throws -> DoorResult {
        try await self.result("leases/\(lease)/object", #"{"reason":"\#(reason)"}"#)
    }

    func progress(_ referral: String, _ status: String) async throws -> DoorResult {
        try await self.result("referrals/\(referral)/progress", #"{"status":"\#(status)"}"#)
    }

    func complete(_ referral: String, _ outcome: String) async throws -> DoorResult {
        try await self.result("referrals/\(referral)/outcome", #"{"status":"completed","outcome":"\#(outcome)"}"#)
    }

    func package(_ lease: String) async throws -> AgencyPackage? {
        try self.packages.withLockedValue { $0[lease] }.map {
            try AgencyPackage.open($0, privateKey: self.agency.privateKey)
        }
    }

    func networkKey() async throws -> AgencyNetworkKey? {
        try await Self.networkKey(self.gateway, self.agency)
    }

    func say(
        _ text: DandelionAgency.AgencyText, _ occasion: Occasion, _ target: String
    ) async throws -> DoorResult {
        let said = try Said.json(text)
        let status = occasion.rawValue
        switch occasion {
        case .accepted: return try await self.result("leases/\(target)/accept", #"{"text":\#(said)}"#)
        case .rejected:
            return try await self.result("leases/\(target)/reject", #"{"reason":"\#(Said.reason)","text":\#(said)}"#)
        case .objected:
            return try await self.result("leases/\(target)/object", #"{"reason":"\#(Said.reason)","text":\#(said)}"#)
        case .scheduled, .inProgress, .onHold:
            return try await self.result("referrals/\(target)/progress", #"{"status":"\#(status)","text":\#(said)}"#)
        case .completed, .failed, .noShow:
            return try await self.result(
                "referrals/\(target)/outcome",
                #"{"status":"\#(status)","outcome":"\#(Said.outcome)","text":\#(said)}"#)
        }
    }

    static func networkKey(
        _ gateway: GatewayHarness, _ agency: NetworkFixture.Agency
    ) async throws -> AgencyNetworkKey? {
        let answer = try await gateway.send(.GET, "/v1/network-key", key: agency.key)
        guard answer.status != 404 else { return nil }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.dateDecodingStrategy = .iso8601
        return try decoder.decode(AgencyNetworkKey.self, from: Data(answer.body.utf8))
    }

    func referrals() async throws -> [String: String] {
        let answer = try await self.gateway.send(.GET, "/v1/referrals?limit=200", key: self.agency.key)
        let page = try Self.decoder.decode(Page.self, from: Data(answer.body.utf8))
        return Dictionary(page.referrals.map { ($0.number, $0.status) }, uniquingKeysWith: { $1 })
    }

    private func result(_ path: String, _ body: String = "{}") async throws -> DoorResult {
        try Self.result(of: try await self.gateway.send(.POST, "/v1/" + path, key: self.agency.key, body: body))
    }

    /// The refusal in an answer's problem document.
    static func result(of answer: GatewayHarness.RawAnswer) throws -> DoorResult {
        let problem = answer.body.firstMatch(of: /"type":"\/problems\/([a-z-]+)"/).map { String($0.1) }
        switch (answer.status, problem) {
        case (200, _): return .done
        case (404, _): return .notYours
        case (409, "lease-lost"): return .leaseLost
        case (409, "referral-state"): return .referralState
        case (409, "objection-too-late"): return .objectionTooLate
        case (409, "unknown-key"): return .unknownKey
        case (409, "text-quota"): return .textQuota
        case (422, _) where answer.body.contains(#""field":"/text"#): return .badText
        case (422, _): return .unknownWord
        default: throw UnexpectedAnswer(text: "\(answer.status) \(problem ?? "")")
        }
    }

    private static let decoder: JSONDecoder = {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return decoder
    }()
}
