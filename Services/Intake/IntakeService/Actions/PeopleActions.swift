import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import HTTPTypes
import Hummingbird
import JobQueue
import NIOCore
import PostgresClient
import Safeguarding
import ServiceKit

/// The people of a case for those who may see them, access with a reason, and cases that may be about the same person.
/// Every body names who looks, and every look is an event.
struct PeopleActions: Sendable {
    let actions: CaseActions
    let cipher: FieldCipher
    let index: BlindIndex
    private let store = PeopleStore()

    init(actions: CaseActions, cipher: FieldCipher, index: BlindIndex) {
        self.actions = actions
        self.cipher = cipher
        self.index = index
    }

    /// `POST /v1/cases/{number}/people-reading`
    func read<Context: EdgeRequestContext>(_ request: Request, number: String?, _ context: Context) async throws
        -> Response
    {
        try await self.actions.respond(
            request, number: number, context, name: "read_people", parse: StaffBody.parse,
            perform: { body, call in
                let people = try await self.store.read(call.number, by: call.actor(body.by), in: call.transaction)
                let answer = People(number: call.number.rawValue, people: try people.map(self.opened))
                return CaseActions.Done(caseID: UUID(), answer: answer, isForRouting: false)
            })
    }

    /// `POST /v1/cases/{number}/access`: an hour, with a reason; the owner's desk is told.
    func openAccess<Context: EdgeRequestContext>(_ request: Request, number: String?, _ context: Context) async throws
        -> Response
    {
        try await self.actions.respond(
            request, number: number, context, name: "open_access", parse: AccessBody.parse,
            perform: { body, call in
                let grant = UUID()
                let opened = try await self.store.openAccess(
                    grant, reason: try self.cipher.seal(body.reason, .accessReason, row: grant), to: call.number,
                    by: call.actor(body.by), in: call.transaction)
                self.actions.jobs.ringAfterCommit([Queues.notification], in: call.transaction)
                return CaseActions.Done(
                    caseID: opened.caseID, answer: Access(number: call.number.rawValue, endsAt: opened.endsAt),
                    isForRouting: false)
            })
    }

    /// `POST /v1/cases/{number}/matches-reading`
    func matches<Context: EdgeRequestContext>(_ request: Request, number: String?, _ context: Context) async throws
        -> Response
    {
        try await self.actions.respond(
            request, number: number, context, name: "read_matches", parse: StaffBody.parse,
            perform: { body, call in
                let found = try await self.store.possibleMatches(
                    of: call.number, by: call.actor(body.by), in: call.transaction)
                let matches = found.map {
                    Match(
                        role: $0.role, otherRole: $0.otherRole, byPhone: $0.byPhone, byEmail: $0.byEmail,
                        other: $0.other?.rawValue, station: $0.station)
                }
                return CaseActions.Done(
                    caseID: UUID(), answer: Matches(number: call.number.rawValue, matches: matches),
                    isForRouting: false)
            })
    }

    /// `POST /v1/cases/{number}/links`
    func link<Context: EdgeRequestContext>(_ request: Request, number: String?, _ context: Context) async throws
        -> Response
    {
        try await self.actions.respond(
            request, number: number, context, name: "link_cases", parse: LinkBody.parse,
            perform: { body, call in
                do {
                    let caseID = try await self.store.link(
                        call.number, to: body.other, as: body.relation, by: call.actor(body.by), in: call.transaction)
                    return CaseActions.Done(
                        caseID: caseID, answer: ClosingActions.Number(number: call.number.rawValue),
                        isForRouting: false)
                } catch let error as CaseworkError where error.code == .notPossible {
                    throw HTTPProblem.wrongField("/other", "inconsistent", "must be another case")
                }
            })
    }

    /// `POST /v1/staff/relations`: only the keyed index of the number or address is kept.
    func relate<Context: EdgeRequestContext>(_ request: Request, _ context: Context) async throws -> Response {
        let client = try await self.actions.gate.client(of: request, context)
        guard client.mayChangeCases else { throw HTTPProblem.nothingHere }
        let bytes = try await JSONBodyDecoder().bytes(of: request, limit: 4096)
        let body: RelationBody
        do {
            body = try RelationBody.parse(Data(bytes))
        } catch {
            throw HTTPProblem(rejecting: error)
        }
        let token =
            body.phone.map { self.index.index($0, of: .phone) } ?? body.email.map { self.index.index($0, of: .email) }
        guard let token = token.flatMap({ $0 }) else {
            throw HTTPProblem.wrongField("/phone", "malformed", "nothing is left of it to look for")
        }
        do {
            _ = try await StaffStore().relate(
                body.staff, to: PartyToken(rawValue: token), client: client.id, on: self.actions.pool)
        } catch let error as CaseworkError {
            throw HTTPProblem(refusing: error)
        }
        return Response(status: .noContent, headers: [.cacheControl: "no-store"])
    }

    private func opened(_ person: SealedPerson) throws -> Person {
        Person(
            role: person.role, name: try self.cipher.open(person.name, .personName, row: person.id),
            phone: try self.cipher.open(person.phone, .personPhone, row: person.id),
            email: try self.cipher.open(person.email, .personEmail, row: person.id),
            birthDate: try self.cipher.open(person.birthDate, .personBirthDate, row: person.id), sex: person.sex,
            isMinor: person.isMinor)
    }

    private struct People: Encodable {
        let number: String
        let people: [Person]
    }

    private struct Person: Encodable {
        let role: PersonRole
        let name: String?
        let phone: String?
        let email: String?
        let birthDate: String?
        let sex: Sex?
        let isMinor: Bool
    }

    private struct Access: Encodable {
        let number: String
        let endsAt: Date
    }

    private struct Matches: Encodable {
        let number: String
        let matches: [Match]
    }

    private struct Match: Encodable {
        let role: PersonRole
        let otherRole: PersonRole
        let byPhone: Bool
        let byEmail: Bool
        let other: String?
        let station: String
    }
}
