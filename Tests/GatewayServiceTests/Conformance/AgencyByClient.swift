import AgencyDoors
import DandelionAgency
import FoundationEssentials
import NIOConcurrencyHelpers

/// What a partner writes in Swift, with the client library.
final class AgencyByClient: AgencyAtADoor {
    private let client: AgencyClient
    private let agency: NetworkFixture.Agency
    private let packages = NIOLockedValueBox<[String: SealedPackage]>([:])

    init(_ client: AgencyClient, _ agency: NetworkFixture.Agency) {
        self.client = client
        self.agency = agency
    }

    func lease(_ maximum: Int) async throws -> [(lease: String, referral: String)] {
        let leases = try await self.client.lease(max: maximum, wait: .zero)
        self.packages.withLockedValue { for lease in leases { $0[lease.lease] = lease.package } }
        return leases.map { ($0.lease, $0.referral.number) }
    }

    func extend(_ lease: String) async throws -> DoorResult {
        try await self.result { _ = try await self.client.extend(lease) }
    }

    func accept(_ lease: String) async throws -> DoorResult {
        try await self.result { try await self.client.accept(lease) }
    }

    func reject(_ lease: String, _ reason: String) async throws -> DoorResult {
        try await self.result { try await self.client.reject(lease, reason: reason) }
    }

    func object(_ lease: String, _ reason: String) async throws -> DoorResult {
        try await self.result { _ = try await self.client.object(lease, reason: reason) }
    }

    func handBack(_ lease: String) async throws -> DoorResult {
        try await self.result { try await self.client.handBack(lease) }
    }

    func progress(_ referral: String, _ status: String) async throws -> DoorResult {
        guard let progress = ReferralProgress(rawValue: status) else { throw UnexpectedAnswer(text: status) }
        return try await self.result { try await self.client.report(progress, on: referral) }
    }

    func complete(_ referral: String, _ outcome: String) async throws -> DoorResult {
        try await self.result { try await self.client.report(.completed, outcome: outcome, on: referral) }
    }

    func package(_ lease: String) async throws -> AgencyPackage? {
        try self.packages.withLockedValue { $0[lease] }.map {
            try AgencyPackage.open($0, privateKey: self.agency.privateKey)
        }
    }

    func networkKey() async throws -> AgencyNetworkKey? {
        do {
            return try await self.client.networkKey()
        } catch let error as AgencyError where error.code == .notFound {
            return nil
        }
    }

    func say(
        _ text: DandelionAgency.AgencyText, _ occasion: Occasion, _ target: String
    ) async throws -> DoorResult {
        try await self.result {
            switch occasion {
            case .accepted: try await self.client.accept(target, text: text)
            case .rejected: try await self.client.reject(target, reason: Said.reason, text: text)
            case .objected: try await self.client.object(target, reason: Said.reason, text: text)
            case .scheduled: try await self.client.report(.scheduled, on: target, text: text)
            case .inProgress: try await self.client.report(.inProgress, on: target, text: text)
            case .onHold: try await self.client.report(.onHold, on: target, text: text)
            case .completed: try await self.client.report(.completed, outcome: Said.outcome, on: target, text: text)
            case .failed: try await self.client.report(.failed, outcome: Said.outcome, on: target, text: text)
            case .noShow: try await self.client.report(.noShow, outcome: Said.outcome, on: target, text: text)
            }
        }
    }

    func referrals() async throws -> [String: String] {
        Dictionary(
            try await self.client.referrals(limit: 200).map { ($0.number, $0.status) }, uniquingKeysWith: { $1 })
    }

    private func result(_ call: () async throws -> Void) async throws -> DoorResult {
        do {
            try await call()
            return .done
        } catch let error as AgencyError {
            switch (error.code, error.problem?.type) {
            case (.notFound, _): return .notYours
            case (.leaseLost, _): return .leaseLost
            case (.conflict, "/problems/objection-too-late"): return .objectionTooLate
            case (.conflict, "/problems/unknown-key"): return .unknownKey
            case (.conflict, "/problems/text-quota"): return .textQuota
            case (.conflict, _): return .referralState
            case (.invalidRequest, _) where error.problem?.errors?.first?.field.hasPrefix("/text") == true:
                return .badText
            case (.invalidRequest, _): return .unknownWord
            default: throw error
            }
        }
    }
}
