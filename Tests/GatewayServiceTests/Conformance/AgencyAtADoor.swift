import AgencyDoors
import DandelionAgency
import FoundationEssentials

/// An agency at one of the doors, in the words that all of them share. What a door refuses is a `DoorResult`, however it says so.
protocol AgencyAtADoor: Sendable {
    /// Leases up to so many hand-overs: the lease's word, and the referral's number.
    func lease(_ maximum: Int) async throws -> [(lease: String, referral: String)]
    func extend(_ lease: String) async throws -> DoorResult
    func accept(_ lease: String) async throws -> DoorResult
    func reject(_ lease: String, _ reason: String) async throws -> DoorResult
    func object(_ lease: String, _ reason: String) async throws -> DoorResult
    func handBack(_ lease: String) async throws -> DoorResult
    func progress(_ referral: String, _ status: String) async throws -> DoorResult
    func complete(_ referral: String, _ outcome: String) async throws -> DoorResult
    /// The package of a lease, opened with the agency's key; `nil` when it may not be read.
    func package(_ lease: String) async throws -> AgencyPackage?
    /// The network's key, as the door gives it; `nil` when there is none.
    func networkKey() async throws -> AgencyNetworkKey?
    /// The answer or report of the occasion, with a text; the target is a lease for answers and a referral's number for reports.
    func say(_ text: DandelionAgency.AgencyText, _ occasion: Occasion, _ target: String) async throws -> DoorResult
    /// The agency's own referrals: status by number.
    func referrals() async throws -> [String: String]
}

/// What is said with a text where the occasion does not matter.
enum Said {
    static let reason = "not_our_duty"
    static let outcome = "resolved"

    /// As JSON of the HTTP door.
    static func json(_ text: DandelionAgency.AgencyText) throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return String(decoding: try encoder.encode(text), as: UTF8.self)
    }
}

extension AgencyAtADoor {
    /// What every verb that takes a lease says of this one. Handing back comes last: where it is done nothing else would be.
    func everyVerb(_ lease: String) async throws -> Set<DoorResult> {
        [
            try await self.extend(lease), try await self.accept(lease), try await self.reject(lease, "no_capacity"),
            try await self.object(lease, "not_our_duty"), try await self.handBack(lease),
        ]
    }
}
