import Casework
import CaseworkStore
import FoundationEssentials
import Hummingbird
import PostgresClient
import Safeguarding
import ServiceKit

/// Assessments of danger, lowering by two people, and what words of the narrative ask for.
struct RiskActions: Sendable {
    let actions: CaseActions
    let cipher: FieldCipher
    private let store = RiskStore()

    init(actions: CaseActions, cipher: FieldCipher) {
        self.actions = actions
        self.cipher = cipher
    }

    private struct Standing: Encodable {
        let number: String
        let risk: RiskLevel
    }

    /// `POST /v1/cases/{number}/assessments`
    func assess<Context: EdgeRequestContext>(_ request: Request, number: String?, _ context: Context) async throws
        -> Response
    {
        try await self.actions.respond(
            request, number: number, context, name: "assess_risk", parse: AssessmentBody.parse,
            perform: { body, call in
                let (caseID, level) = try await self.store.assess(
                    body, on: call.number, by: call.actor(body.by), in: call.transaction)
                return CaseActions.Done(caseID: caseID, answer: Standing(number: call.number.rawValue, risk: level))
            })
    }

    /// `POST /v1/cases/{number}/risk-lowering`: a first person proposes.
    func propose<Context: EdgeRequestContext>(_ request: Request, number: String?, _ context: Context) async throws
        -> Response
    {
        try await self.actions.respond(
            request, number: number, context, name: "propose_risk", parse: LoweringBody.parse,
            perform: { body, call in
                try await Self.explaining {
                    let caseID = try await self.store.propose(
                        body, on: call.number, by: call.actor(body.by), in: call.transaction)
                    return CaseActions.Done(
                        caseID: caseID, answer: ClosingActions.Number(number: call.number.rawValue),
                        isForRouting: false)
                }
            })
    }

    /// `POST /v1/cases/{number}/risk-lowering/confirmation`: a second, different person confirms.
    func confirm<Context: EdgeRequestContext>(_ request: Request, number: String?, _ context: Context) async throws
        -> Response
    {
        try await self.actions.respond(
            request, number: number, context, name: "lower_risk", parse: StaffBody.parse,
            perform: { body, call in
                try await Self.explaining {
                    let (caseID, level) = try await self.store.confirm(
                        call.number, by: call.actor(body.by), in: call.transaction)
                    return CaseActions.Done(
                        caseID: caseID, answer: Standing(number: call.number.rawValue, risk: level))
                }
            })
    }

    /// `POST /v1/cases/{number}/triage-reading`: what words of the narrative ask for, with the words.
    func read<Context: EdgeRequestContext>(_ request: Request, number: String?, _ context: Context) async throws
        -> Response
    {
        try await self.actions.respond(
            request, number: number, context, name: "read_triage", parse: StaffBody.parse,
            perform: { body, call in
                let records = try await self.store.triage(
                    of: call.number, by: call.actor(body.by), in: call.transaction)
                let suggestions = try records.map { record in
                    Suggestion(
                        subject: record.subject, manner: record.manner.rawValue,
                        words: try self.cipher.open(record.words, .triageWords, row: record.id)
                            .split(separator: "\n").map(String.init),
                        answer: record.answer)
                }
                return CaseActions.Done(
                    caseID: UUID(), answer: Suggestions(number: call.number.rawValue, suggestions: suggestions),
                    isForRouting: false)
            })
    }

    /// `POST /v1/cases/{number}/triage-answers`: she was asked. A yes about a danger item is an assessment, too.
    func answer<Context: EdgeRequestContext>(_ request: Request, number: String?, _ context: Context) async throws
        -> Response
    {
        try await self.actions.respond(
            request, number: number, context, name: "answer_triage", parse: TriageAnswerBody.parse,
            perform: { body, call in
                let caseID = try await self.store.answer(
                    body, on: call.number, by: call.actor(body.by), in: call.transaction)
                if body.isSo, let item = body.item {
                    _ = try await self.store.assess(
                        AssessmentBody(
                            by: body.by, occasion: .contact, answers: RiskScreening([item]), level: nil),
                        on: call.number, by: call.actor(body.by), in: call.transaction)
                }
                return CaseActions.Done(caseID: caseID, answer: ClosingActions.Number(number: call.number.rawValue))
            })
    }

    private struct Suggestions: Encodable {
        let number: String
        let suggestions: [Suggestion]
    }

    private struct Suggestion: Encodable {
        let subject: String
        let manner: String
        let words: [String]
        let answer: Bool?
    }

    private static func explaining<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as RiskLoweringError {
            let why =
                switch error.code {
                case .notLower: "The level is not lower than it is now."
                case .itemsStand: "The danger items that stand allow at least \(error.least.rawValue)."
                case .noProposal: "Nothing is proposed, or it is older than a day, or something was learnt since."
                case .samePerson: "The second person must be another one."
                }
            throw HTTPProblem(.caseState, "\(why) Nothing was changed.")
        }
    }
}
