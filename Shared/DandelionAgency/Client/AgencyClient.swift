public import AsyncHTTPClient
public import FoundationEssentials
import NIOCore
import NIOHTTP1

/// An agency's side of the gateway's HTTP door: lease hand-overs, answer them, report on accepted referrals.
///
/// Calls that the gateway makes harmless to repeat are repeated by themselves, with pauses that grow, while the gateway
/// or the way to it is down. Every other failure is an ``AgencyError``; cancelling the task throws `CancellationError`.
public struct AgencyClient: Sendable {
    /// Where the gateway is, without a path.
    public let gatewayURL: String
    let key: String
    let httpClient: HTTPClient
    var retry: AgencyRetryPolicy

    /// - Parameters:
    ///   - gatewayURL: such as `https://gateway.example.org`.
    ///   - key: the agency's bearer key, `dak_…`.
    ///   - httpClient: must not follow redirects; ``standardHTTPClient`` does not.
    /// - Throws: `AgencyError.invalidConfiguration` when the URL or the key cannot be used.
    public init(
        gatewayURL: String, key: String, httpClient: HTTPClient = AgencyClient.standardHTTPClient,
        retry: AgencyRetryPolicy = AgencyRetryPolicy()
    ) throws(AgencyError) {
        guard let url = URL(string: gatewayURL), let scheme = url.scheme?.lowercased(), let host = url.host(),
            !host.isEmpty,
            scheme == "http" || scheme == "https", url.query() == nil, url.fragment() == nil, url.user() == nil
        else {
            throw AgencyError(
                code: .invalidConfiguration,
                detail: "the gateway's URL must look like https://gateway.example.org")
        }
        guard !key.isEmpty, key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw AgencyError(
                code: .invalidConfiguration, detail: "the key must be one word of printable ASCII characters")
        }
        self.gatewayURL = gatewayURL.hasSuffix("/") ? String(gatewayURL.dropLast()) : gatewayURL
        self.key = key
        self.httpClient = httpClient
        self.retry = retry
    }

    /// One client for the process: no redirects, short time to connect, and room for the long polls of many agencies.
    public static let standardHTTPClient: HTTPClient = {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: .seconds(5), read: .seconds(90)))
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 4096
        configuration.connectionPool.idleTimeout = .seconds(50)
        // A refused connection is told at once; when to try again is decided by whoever called.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    // MARK: - Hand-overs

    /// Leases up to `max` hand-overs, waiting up to `wait` for the first.
    /// - Parameters:
    ///   - max: 1 to 20.
    ///   - wait: 0 to 25 seconds; an empty list comes back when nothing arrived.
    ///   - lease: for how long, 30 to 900 seconds.
    public func lease(
        max: Int = 1, wait: Duration = .seconds(20), lease: Duration = .seconds(120)
    ) async throws -> [AgencyLease] {
        let body = LeaseBody(
            max: max, waitSeconds: Int(wait.components.seconds), leaseSeconds: Int(lease.components.seconds))
        let answer: LeaseAnswer = try await self.send(
            .POST, "/v1/leases", body: body, repeatability: .always, timeout: wait + .seconds(30))
        return answer.leases
    }

    /// Makes the lease last `time` from now, if that is longer. Returns its new end.
    @discardableResult
    public func extend(_ lease: String, by time: Duration = .seconds(120)) async throws -> Date {
        let body = ExtendBody(leaseSeconds: Int(time.components.seconds))
        let answer: ExtendAnswer = try await self.send(
            .POST, "/v1/leases/\(Self.segment(lease))/extend", body: body, repeatability: .always)
        return answer.expiresAt
    }

    /// Accepts. Repeating it with the lease that accepted is no mistake.
    /// - Parameter text: what there is to say in words, sealed with the occasion `accepted`.
    @discardableResult
    public func accept(_ lease: String, text: AgencyText? = nil) async throws -> ReferralState {
        try await self.send(
            .POST, "/v1/leases/\(Self.segment(lease))/accept", body: AcceptBody(text: text), repeatability: .always)
    }

    /// Rejects, for a reason of the network's list, perhaps naming the kind of agency that should have it.
    @discardableResult
    public func reject(
        _ lease: String, reason: String, suggestedAgencyKind: String? = nil, text: AgencyText? = nil
    ) async throws -> ReferralState {
        let body = DeclineBody(reason: reason, suggestedAgencyKind: suggestedAgencyKind, text: text)
        return try await self.send(
            .POST, "/v1/leases/\(Self.segment(lease))/reject", body: body, repeatability: .whenWithoutEffect)
    }

    /// Says that it was sent wrongly; the common superior decides.
    @discardableResult
    public func object(_ lease: String, reason: String, text: AgencyText? = nil) async throws -> ReferralState {
        let body = DeclineBody(reason: reason, suggestedAgencyKind: nil, text: text)
        return try await self.send(
            .POST, "/v1/leases/\(Self.segment(lease))/object", body: body, repeatability: .whenWithoutEffect)
    }

    /// Gives the hand-over back unanswered, for any consumer of the agency to lease again after `delay`.
    public func handBack(_ lease: String, delay: Duration = .zero) async throws {
        let body = HandBackBody(delaySeconds: Int(delay.components.seconds))
        let _: NoBody = try await self.send(
            .POST, "/v1/leases/\(Self.segment(lease))/hand-back", body: body, repeatability: .whenWithoutEffect)
    }

    // MARK: - Referrals

    /// The agency's referrals, newest first.
    /// - Parameters:
    ///   - limit: 1 to 200.
    ///   - after: those that come after the referral of this number: the last one's of the page before.
    public func referrals(limit: Int = 50, after: String? = nil) async throws -> [AgencyReferral] {
        let page = after.map { "&after=\(Self.segment($0))" } ?? ""
        let answer: ReferralsAnswer = try await self.send(
            .GET, "/v1/referrals?limit=\(limit)\(page)", body: NoBody?.none, repeatability: .always)
        return answer.referrals
    }

    /// One of the agency's referrals.
    public func referral(_ number: String) async throws -> AgencyReferral {
        try await self.send(
            .GET, "/v1/referrals/\(Self.segment(number))", body: NoBody?.none, repeatability: .always)
    }

    /// Reports how far an accepted referral is.
    @discardableResult
    public func report(
        _ progress: ReferralProgress, on number: String, text: AgencyText? = nil
    ) async throws -> ReferralState {
        try await self.send(
            .POST, "/v1/referrals/\(Self.segment(number))/progress", body: ProgressBody(status: progress, text: text),
            repeatability: .always)
    }

    /// Reports how an accepted referral ended, with an outcome of the network's list.
    @discardableResult
    public func report(
        _ result: ReferralResult, outcome: String, on number: String, text: AgencyText? = nil
    ) async throws -> ReferralState {
        try await self.send(
            .POST, "/v1/referrals/\(Self.segment(number))/outcome",
            body: OutcomeBody(status: result, outcome: outcome, text: text), repeatability: .always)
    }

    // MARK: - The network's key

    /// The key that texts are sealed to. Ask anew when a text is refused with `unknown-key`: keys are replaced.
    /// - Parameter onboardingKeys: the content of the network's `onboarding-key.pub`, as it was given to you. Without it nothing is known
    ///   of the key but that the gateway says so, and `isVerified` is false.
    /// - Throws: `AgencyError.notFound` when the network has no key yet, and takes no text; `untrustedKey` when it is not the network's.
    public func networkKey(verifiedBy onboardingKeys: String? = nil) async throws -> AgencyNetworkKey {
        let key: AgencyNetworkKey = try await self.send(
            .GET, "/v1/network-key", body: NoBody?.none, repeatability: .always)
        return try onboardingKeys.map { try key.verified(by: $0) } ?? key
    }

    /// One segment of a path: whatever is not a plain letter, digit, `-`, `.`, `_` or `~` is escaped.
    static func segment(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.count == 1 ? "0" + digits : digits)
            }
        }
        return result
    }
}

struct NoBody: Codable {}

private struct LeaseBody: Encodable {
    let max: Int
    let waitSeconds: Int
    let leaseSeconds: Int
}

private struct LeaseAnswer: Decodable {
    let leases: [AgencyLease]
}

private struct ExtendBody: Encodable {
    let leaseSeconds: Int
}

private struct ExtendAnswer: Decodable {
    let expiresAt: Date
}

private struct AcceptBody: Encodable {
    let text: AgencyText?
}

private struct DeclineBody: Encodable {
    let reason: String
    let suggestedAgencyKind: String?
    let text: AgencyText?
}

private struct HandBackBody: Encodable {
    let delaySeconds: Int
}

private struct ProgressBody: Encodable {
    let status: ReferralProgress
    let text: AgencyText?
}

private struct OutcomeBody: Encodable {
    let status: ReferralResult
    let outcome: String
    let text: AgencyText?
}

private struct ReferralsAnswer: Decodable {
    let referrals: [AgencyReferral]
}
