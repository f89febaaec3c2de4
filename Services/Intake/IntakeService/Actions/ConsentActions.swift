import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import HTTPTypes
import Hummingbird
import JobQueue
import NIOCore
import PostgresClient
import ServiceKit

/// What she agrees to, refuses and takes back, as staff record it.
struct ConsentActions: Sendable {
    let actions: CaseActions
    private let store = ConsentStore()

    init(actions: CaseActions) {
        self.actions = actions
    }

    private struct Answer: Encodable {
        let number: String
        /// How many referrals lost the consent they rested on.
        let revoked: Int
    }

    /// `POST /v1/cases/{number}/consents`
    func record<Context: EdgeRequestContext>(_ request: Request, number: String?, _ context: Context) async throws
        -> Response
    {
        try await self.actions.respond(
            request, number: number, context, name: "record_consent",
            parse: { (data) throws(IntakeRejection) in try ConsentBody.parse(data, now: Date()) },
            perform: { body, call in
                var consent = body.consent
                consent.agencies = try await self.agencies(body, on: call.transaction)
                let change = try await self.store.record(
                    consent, on: call.number, by: call.actor(body.by), in: call.transaction)
                return CaseActions.Done(
                    caseID: change.caseID, answer: Answer(number: call.number.rawValue, revoked: change.revoked))
            })
    }

    /// `POST /v1/cases/{number}/consent-withdrawals`
    func withdraw<Context: EdgeRequestContext>(_ request: Request, number: String?, _ context: Context) async throws
        -> Response
    {
        try await self.actions.respond(
            request, number: number, context, name: "withdraw_consent", parse: WithdrawalBody.parse,
            perform: { body, call in
                var withdrawal = ConsentStore.Withdrawal(agencyKind: body.agencyKind, purpose: body.purpose)
                if let code = body.agencyCode {
                    guard let agency = try await self.store.agencies(codes: [code], on: call.transaction)[code] else {
                        throw HTTPProblem.wrongField("/agency", "unknown_value", "is no agency of this network")
                    }
                    withdrawal.agency = agency.id
                }
                let change = try await self.store.withdraw(
                    withdrawal, on: call.number, by: call.actor(body.by), in: call.transaction)
                return CaseActions.Done(
                    caseID: change.caseID, answer: Answer(number: call.number.rawValue, revoked: change.revoked))
            })
    }

    /// `POST /v1/cases/{number}/overrides`
    func override<Context: EdgeRequestContext>(_ request: Request, number: String?, _ context: Context) async throws
        -> Response
    {
        try await self.actions.respond(
            request, number: number, context, name: "override_consent", parse: OverrideBody.parse,
            perform: { body, call in
                let caseID = try await self.store.override(
                    body, on: call.number, by: call.actor(body.by), in: call.transaction)
                self.actions.jobs.ringAfterCommit([Queues.notification], in: call.transaction)
                return CaseActions.Done(caseID: caseID, answer: ClosingActions.Number(number: call.number.rawValue))
            })
    }

    /// `GET /v1/cases/{number}/consents`
    func list<Context: EdgeRequestContext>(_ request: Request, number: String?, _ context: Context) async throws
        -> Response
    {
        let client = try await self.actions.gate.client(of: request, context)
        guard client.mayReadCases, let number = number.flatMap(CaseNumber.parse) else { throw HTTPProblem.nothingHere }
        do {
            let entries = try await self.store.list(of: number, client: client.id, on: self.actions.pool)
            let data = try JSONConventions.encoder.encode(List(consents: entries.map(Entry.init)))
            return Response(
                status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: data)))
        } catch let error as CaseworkError {
            throw HTTPProblem(refusing: error)
        }
    }

    /// The ids of the agencies a consent names; every one must be there, and of a kind it is about. So must the kinds be:
    /// a consent that can apply to nobody is a mistake somebody should hear of.
    private func agencies(_ body: ConsentBody, on executor: some PostgresExecutor) async throws -> Set<UUID>? {
        let unknown = Set(try await self.store.unknownKinds(among: body.consent.agencyKinds, on: executor))
        var errors = KnownAgencies.errors(in: body.consent, "", unknown)
        let found =
            body.agencyCodes.isEmpty ? [:] : try await self.store.agencies(codes: body.agencyCodes, on: executor)
        errors += KnownAgencies.errors(in: body.consent, named: body.agencyCodes, "", found)
        guard errors.isEmpty else { throw HTTPProblem.validation(errors) }
        return body.agencyCodes.isEmpty ? nil : Set(found.values.map(\.id))
    }

    private struct List: Encodable {
        let consents: [Entry]
    }

    private struct Entry: Encodable {
        let agencyKinds: [AgencyKind]
        let agencies: [String]?
        let purpose: Purpose
        let status: ConsentStatus
        let givenBy: ConsentGiver
        let dataKinds: [String]?
        let recordedAt: Date
        let expiresAt: Date?
        let withdrawnAt: Date?

        init(_ entry: ConsentEntry) {
            self.agencyKinds = entry.agencyKinds
            self.agencies = entry.agencies
            self.purpose = entry.purpose
            self.status = entry.status
            self.givenBy = entry.givenBy
            self.dataKinds = entry.dataKinds
            self.recordedAt = entry.recordedAt
            self.expiresAt = entry.expiresAt
            self.withdrawnAt = entry.withdrawnAt
        }
    }
}
