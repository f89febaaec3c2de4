import AgencyDoors
import DandelionAgency
import FoundationEssentials

/// What an inbox page does for an agency's staff: it names who acts, and opens a package only when it is asked to.
struct AgencyAtDesk: AgencyAtADoor {
    let gateway: GatewayHarness
    let agency: NetworkFixture.Agency
    var staff = "C-01"

    private struct Leases: Decodable {
        struct Lease: Decodable {
            struct Referral: Decodable {
                let number: String
            }

            let lease: String
            let referral: Referral
        }

        let leases: [Lease]
    }

    private struct Opened: Decodable {
        let package: SealedPackage
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
            .POST, "/v1/desk/leases", key: self.agency.key, body: #"{"max":\#(maximum)}"#)
        return try Self.decode(Leases.self, answer.body).leases.map { ($0.lease, $0.referral.number) }
    }

    func extend(_ lease: String) async throws -> DoorResult { try await self.result("leases/\(lease)/extend", "{}") }
    func handBack(_ lease: String) async throws -> DoorResult {
        try await self.result("leases/\(lease)/hand-back", "{}")
    }

    func accept(_ lease: String) async throws -> DoorResult {
        try await self.result("desk/leases/\(lease)/answer", #"{"by":"\#(self.staff)","answer":"accept"}"#)
    }

    func reject(_ lease: String, _ reason: String) async throws -> DoorResult {
        try await self.result(
            "desk/leases/\(lease)/answer", #"{"by":"\#(self.staff)","answer":"reject","reason":"\#(reason)"}"#)
    }

    func object(_ lease: String, _ reason: String) async throws -> DoorResult {
        try await self.result(
            "desk/leases/\(lease)/answer", #"{"by":"\#(self.staff)","answer":"object","reason":"\#(reason)"}"#)
    }

    func progress(_ referral: String, _ status: String) async throws -> DoorResult {
        try await self.result("desk/referrals/\(referral)/report", #"{"by":"\#(self.staff)","status":"\#(status)"}"#)
    }

    func complete(_ referral: String, _ outcome: String) async throws -> DoorResult {
        try await self.result(
            "desk/referrals/\(referral)/report",
            #"{"by":"\#(self.staff)","status":"completed","outcome":"\#(outcome)"}"#)
    }

    func package(_ lease: String) async throws -> AgencyPackage? {
        let answer = try await self.gateway.send(
            .POST, "/v1/desk/leases/\(lease)/package", key: self.agency.key,
            body: #"{"by":"\#(self.staff)","reason":"first_reading"}"#)
        guard answer.status == 200 else { return nil }
        return try AgencyPackage.open(
            try Self.decode(Opened.self, answer.body).package, privateKey: self.agency.privateKey)
    }

    func networkKey() async throws -> AgencyNetworkKey? {
        try await AgencyByHTTP.networkKey(self.gateway, self.agency)
    }

    func say(
        _ text: DandelionAgency.AgencyText, _ occasion: Occasion, _ target: String
    ) async throws -> DoorResult {
        let rest = #""by":"\#(self.staff)","text":\#(try Said.json(text))}"#
        let status = occasion.rawValue
        switch occasion {
        case .accepted: return try await self.result("desk/leases/\(target)/answer", #"{"answer":"accept",\#(rest)"#)
        case .rejected, .objected:
            let verb = occasion == .rejected ? "reject" : "object"
            return try await self.result(
                "desk/leases/\(target)/answer", #"{"answer":"\#(verb)","reason":"\#(Said.reason)",\#(rest)"#)
        case .scheduled, .inProgress, .onHold:
            return try await self.result("desk/referrals/\(target)/report", #"{"status":"\#(status)",\#(rest)"#)
        case .completed, .failed, .noShow:
            return try await self.result(
                "desk/referrals/\(target)/report", #"{"status":"\#(status)","outcome":"\#(Said.outcome)",\#(rest)"#)
        }
    }

    func referrals() async throws -> [String: String] {
        let answer = try await self.gateway.send(.GET, "/v1/referrals?limit=200", key: self.agency.key)
        return Dictionary(
            try Self.decode(Page.self, answer.body).referrals.map { ($0.number, $0.status) },
            uniquingKeysWith: { $1 })
    }

    private func result(_ path: String, _ body: String) async throws -> DoorResult {
        try AgencyByHTTP.result(
            of: try await self.gateway.send(.POST, "/v1/" + path, key: self.agency.key, body: body))
    }

    static func decode<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: Data(text.utf8))
    }
}
