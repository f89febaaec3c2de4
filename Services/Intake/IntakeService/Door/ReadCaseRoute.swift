import Casework
import CaseworkStore
import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import PostgresClient
import ServiceKit

/// `GET /v1/cases/{number}`: a case, for a client with the right to read within its scope. Reading is an event of the
/// case.
struct ReadCaseRoute: Sendable {
    let gate: ClientGate
    let pool: PostgresPool
    private let store = IntakeStore()

    init(gate: ClientGate, pool: PostgresPool) {
        self.gate = gate
        self.pool = pool
    }

    func respond(_ request: Request, number: String?, _ context: some EdgeRequestContext) async throws -> Response {
        let client = try await self.gate.client(of: request, context)
        guard client.mayReadCases, let number = number.flatMap(CaseNumber.parse),
            let view = try await self.store.readCase(number: number, client: client.id, on: self.pool)
        else { throw HTTPProblem.nothingHere }
        let data = try JSONConventions.encoder.encode(CaseAnswer(view))
        return Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: data)))
    }
}

/// A case as the door shows it.
struct CaseAnswer: Encodable {
    struct Referral: Encodable {
        let number: String
        let agency: String
        let agencyKind: AgencyKind
        let division: DivisionCode
        let purpose: Purpose
        let status: ReferralStatus
        let legalBasis: String
        let requestedAt: Date
        let answeredAt: Date?
        let settledAt: Date?
        let outcome: Outcome?
        let reason: String?
    }

    struct Clock: Encodable {
        let kind: ClockKind
        let name: ClockName
        let basis: String
        let state: ClockStatus
        let dueAt: Date
    }

    let number: String
    let status: CaseStatus
    let channel: IntakeChannel
    let division: DivisionCode
    let risk: RiskLevel
    let ownerStation: String
    let openedAt: Date
    let closedAt: Date?
    let outcome: Outcome?
    let referrals: [Referral]
    let clocks: [Clock]

    init(_ view: CaseView) {
        self.number = view.number.rawValue
        self.status = view.status
        self.channel = view.channel
        self.division = view.division
        self.risk = view.risk
        self.ownerStation = view.ownerStation
        self.openedAt = view.openedAt
        self.closedAt = view.closedAt
        self.outcome = view.outcome
        self.referrals = view.referrals.map { referral in
            Referral(
                number: referral.number.rawValue, agency: referral.agency, agencyKind: referral.agencyKind,
                division: referral.division, purpose: referral.purpose, status: referral.status,
                legalBasis: referral.legalBasis, requestedAt: referral.requestedAt, answeredAt: referral.answeredAt,
                settledAt: referral.settledAt, outcome: referral.outcome, reason: referral.reason)
        }
        self.clocks = view.clocks.map { clock in
            Clock(kind: clock.kind, name: clock.name, basis: clock.basis, state: clock.status, dueAt: clock.dueAt)
        }
    }
}
