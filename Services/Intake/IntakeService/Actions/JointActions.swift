import Casework
import CaseworkStore
import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import PostgresClient
import Safeguarding
import ServiceKit

/// Joint handling: who takes part, the task board, conferences with sealed minutes, and who works on the case.
struct JointActions: Sendable {
    let actions: CaseActions
    let cipher: FieldCipher
    private let store = JointStore()

    init(actions: CaseActions, cipher: FieldCipher) {
        self.actions = actions
        self.cipher = cipher
    }

    private struct Made: Encodable {
        let number: String
        let id: String
    }

    /// `POST /v1/cases/{number}/parties`, and `/parties/leaving` when `leaves`.
    func party<Context: EdgeRequestContext>(
        _ request: Request, number: String?, _ context: Context, leaves: Bool
    ) async throws -> Response {
        try await self.actions.respond(
            request, number: number, context, name: "joint_party", parse: PartyBody.parse,
            perform: { body, call in
                do {
                    let actor = call.actor(body.by)
                    let caseID =
                        leaves
                        ? try await self.store.leave(body.agencyCode, call.number, by: actor, in: call.transaction)
                        : try await self.store.join(body.agencyCode, call.number, by: actor, in: call.transaction)
                    return CaseActions.Done(
                        caseID: caseID, answer: ClosingActions.Number(number: call.number.rawValue),
                        isForRouting: false)
                } catch let error as CaseworkError where error.code == .unknownAgency {
                    throw HTTPProblem.wrongField("/agency", "unknown_value", "is no agency of this network")
                } catch let error as CaseworkError where error.code == .notPossible {
                    throw HTTPProblem(
                        .caseState,
                        "An agency takes part while it has a referral of the case that it took on. Nothing was changed."
                    )
                }
            })
    }

    /// `POST /v1/cases/{number}/tasks`
    func give<Context: EdgeRequestContext>(_ request: Request, number: String?, _ context: Context) async throws
        -> Response
    {
        try await self.actions.respond(
            request, number: number, context, name: "give_task",
            parse: { (data) throws(IntakeRejection) in try TaskBody.parse(data, now: Date()) },
            perform: { body, call in
                let id = UUID()
                do {
                    let caseID = try await self.store.give(
                        id, body.kind, to: body.agencyCode, due: body.dueAt, on: call.number,
                        by: call.actor(body.by), in: call.transaction)
                    return CaseActions.Done(
                        caseID: caseID,
                        answer: Made(number: call.number.rawValue, id: id.uuidString.lowercased()), isForRouting: false)
                } catch let error as CaseworkError where error.code == .unknownAgency || error.code == .notPossible {
                    throw HTTPProblem.wrongField("/agency", "unknown_value", "takes no part in this case")
                }
            })
    }

    /// `POST /v1/cases/{number}/tasks/ending`
    func end<Context: EdgeRequestContext>(_ request: Request, number: String?, _ context: Context) async throws
        -> Response
    {
        try await self.actions.respond(
            request, number: number, context, name: "settle_task", parse: TaskEndBody.parse,
            perform: { body, call in
                let caseID = try await self.store.settle(
                    body.task, as: body.status, on: call.number, by: call.actor(body.by), in: call.transaction)
                return CaseActions.Done(
                    caseID: caseID, answer: ClosingActions.Number(number: call.number.rawValue), isForRouting: false)
            })
    }

    /// `POST /v1/cases/{number}/conferences`
    func hold<Context: EdgeRequestContext>(_ request: Request, number: String?, _ context: Context) async throws
        -> Response
    {
        try await self.actions.respond(
            request, number: number, context, name: "hold_conference",
            parse: { (data) throws(IntakeRejection) in try ConferenceBody.parse(data, now: Date()) },
            perform: { body, call in
                let id = UUID()
                do {
                    let caseID = try await self.store.hold(
                        id, at: body.heldAt, with: body.agencyCodes,
                        minutes: try self.cipher.seal(body.minutes, .conferenceMinutes, row: id), on: call.number,
                        by: call.actor(body.by), in: call.transaction)
                    return CaseActions.Done(
                        caseID: caseID,
                        answer: Made(number: call.number.rawValue, id: id.uuidString.lowercased()), isForRouting: false)
                } catch let error as CaseworkError where error.code == .unknownAgency || error.code == .notPossible {
                    throw HTTPProblem.wrongField(
                        "/agencies", "unknown_value", "names one that takes no part in this case")
                }
            })
    }

    /// `POST /v1/cases/{number}/minutes-reading`
    func minutes<Context: EdgeRequestContext>(_ request: Request, number: String?, _ context: Context) async throws
        -> Response
    {
        try await self.actions.respond(
            request, number: number, context, name: "read_minutes", parse: MinutesBody.parse,
            perform: { body, call in
                let sealed = try await self.store.minutes(
                    of: body.conference, on: call.number, by: call.actor(body.by), in: call.transaction)
                let minutes = try self.cipher.open(sealed, .conferenceMinutes, row: body.conference)
                return CaseActions.Done(
                    caseID: UUID(), answer: Minutes(number: call.number.rawValue, minutes: minutes),
                    isForRouting: false)
            })
    }

    private struct Minutes: Encodable {
        let number: String
        let minutes: String
    }

    /// `POST /v1/cases/{number}/assignments`: those named, or the nearest who are trained, unrelated and have room.
    func assign<Context: EdgeRequestContext>(_ request: Request, number: String?, _ context: Context) async throws
        -> Response
    {
        try await self.actions.respond(
            request, number: number, context, name: "assign_staff", parse: AssignmentBody.parse,
            perform: { body, call in
                let staff = StaffStore()
                // The case is locked before anybody's load is counted, by an assignment of nobody.
                let caseID = try await staff.assign(
                    body.staff, as: body.role, to: call.number, by: call.actor(body.by), in: call.transaction)
                guard body.staff.isEmpty else {
                    let answer = Assigned(
                        number: call.number.rawValue, assigned: body.staff.map(\.rawValue), missing: 0, passedOver: [:])
                    return CaseActions.Done(caseID: caseID, answer: answer, isForRouting: false)
                }
                let chosen = try await self.choose(body, for: caseID, call)
                _ = try await staff.assign(
                    chosen.chosen, as: body.role, to: call.number, by: call.actor(body.by), in: call.transaction)
                let passedOver = chosen.passedOver.reduce(into: [String: String]()) {
                    $0[$1.key.rawValue] = $1.value.rawValue
                }
                return CaseActions.Done(
                    caseID: caseID,
                    answer: Assigned(
                        number: call.number.rawValue, assigned: chosen.chosen.map(\.rawValue), missing: chosen.missing,
                        passedOver: passedOver), isForRouting: false)
            })
    }

    private func choose(
        _ body: AssignmentBody, for caseID: UUID, _ call: CaseActions.Call
    ) async throws -> Assignment {
        let standing = try await StaffStore().serving(caseID, on: call.transaction)
        let path = standing.first?.caseDivision.path ?? []
        // A relation is known here as a yes or no: one token stands for "a party of this case".
        let party = PartyToken(rawValue: [1])
        let members = standing.map { found in
            StaffMember(
                id: found.member.id, roles: found.member.roles, divisions: found.member.divisions,
                trainings: found.member.trainings, capacity: found.member.capacity,
                relatedTo: found.isRelated ? [party] : [])
        }
        return StaffRoster(members).assign(
            AssignmentWish(
                role: body.role, path: path, trainings: body.trainings, parties: [party], count: body.count),
            load: Dictionary(standing.map { ($0.member.id, $0.load) }) { $1 }, on: LocalDate(inBeijing: Date()))
    }

    private struct Assigned: Encodable {
        let number: String
        let assigned: [String]
        /// How many are still to be found.
        let missing: Int
        /// Who was passed over, and why.
        let passedOver: [String: String]
    }

    /// `GET /v1/cases/{number}/board`
    func board<Context: EdgeRequestContext>(_ request: Request, number: String?, _ context: Context) async throws
        -> Response
    {
        let client = try await self.actions.gate.client(of: request, context)
        guard client.mayReadCases, let number = number.flatMap(CaseNumber.parse) else { throw HTTPProblem.nothingHere }
        do {
            let board = try await self.store.board(of: number, client: client.id, on: self.actions.pool)
            let data = try JSONConventions.encoder.encode(BoardAnswer(board))
            return Response(
                status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: data)))
        } catch let error as CaseworkError {
            throw HTTPProblem(refusing: error)
        }
    }
}

/// The board as the door shows it.
private struct BoardAnswer: Encodable {
    struct Party: Encodable {
        let agency: String
        let joinedAt: Date
        let leftAt: Date?
    }

    struct Task: Encodable {
        let id: UUID
        let kind: JointTask.Kind
        let agency: String?
        let status: JointTask.Status
        let dueAt: Date
        let settledAt: Date?
    }

    struct Conference: Encodable {
        let id: UUID
        let heldAt: Date
        let agencies: [String]
    }

    struct Assignee: Encodable {
        let staff: String
        let role: StaffRole
    }

    let parties: [Party]
    let tasks: [Task]
    let conferences: [Conference]
    let assignees: [Assignee]

    init(_ board: JointBoard) {
        func instant(_ seconds: Double) -> Date { Date(timeIntervalSince1970: seconds) }
        self.parties = board.parties.map {
            Party(agency: $0.agency, joinedAt: instant($0.joined_at), leftAt: $0.left_at.map(instant))
        }
        self.tasks = board.tasks.map {
            Task(
                id: $0.id, kind: $0.kind, agency: $0.agency, status: $0.status, dueAt: instant($0.due_at),
                settledAt: $0.settled_at.map(instant))
        }
        self.conferences = board.conferences.map {
            Conference(id: $0.id, heldAt: instant($0.held_at), agencies: $0.agencies)
        }
        self.assignees = board.assignees.map { Assignee(staff: $0.staff, role: $0.role) }
    }
}
