import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import Hummingbird
import JobQueue
import ServiceKit

/// Call-backs, closing, referrals as their sender changes them, milestones and a superior's decision.
struct ClosingActions: Sendable {
    let actions: CaseActions
    private let clocks: FirstResponseClocks
    private let store = ClosingStore()

    init(actions: CaseActions, clocks: FirstResponseClocks) {
        self.actions = actions
        self.clocks = clocks
    }

    struct Number: Encodable {
        let number: String
    }

    /// `POST /v1/cases/{number}/call-backs`
    func callBack<Context: EdgeRequestContext>(_ request: Request, number: String?, _ context: Context) async throws
        -> Response
    {
        // Before the transaction: looking them up may take a connection of its own.
        let clocks = await self.clocks.ownersClocks()
        return try await self.actions.respond(
            request, number: number, context, name: "record_call_back", parse: CallBackBody.parse,
            perform: { body, call in
                let caseID = try await self.store.recordCallBack(
                    body.result, satisfaction: body.satisfaction, on: call.number, by: call.actor(body.by),
                    clocks: clocks, in: call.transaction)
                if body.result.isBad {
                    self.actions.jobs.ringAfterCommit(
                        [Queues.urgentNotification, Queues.notification], in: call.transaction)
                }
                return CaseActions.Done(caseID: caseID, answer: Number(number: call.number.rawValue))
            })
    }

    /// `POST /v1/cases/{number}/closing`: 409 names what stands in the way.
    func close<Context: EdgeRequestContext>(_ request: Request, number: String?, _ context: Context) async throws
        -> Response
    {
        try await self.actions.respond(
            request, number: number, context, name: "ask_to_close", parse: ClosingBody.parse,
            perform: { body, call in
                let (caseID, obstacles) = try await self.store.askToClose(
                    with: body.outcome, call.number, by: call.actor(body.by), in: call.transaction)
                guard obstacles.isEmpty else {
                    let words = obstacles.map(\.rawValue).sorted().joined(separator: ", ")
                    throw HTTPProblem(
                        .caseState, "The case cannot be closed yet: \(words). Nothing was changed.",
                        errors: obstacles.map {
                            FieldError(field: "", code: $0.rawValue, message: $0.remedy)
                        })
                }
                return CaseActions.Done(caseID: caseID, answer: Number(number: call.number.rawValue))
            })
    }

    /// `POST /v1/cases/{number}/referrals/{referral}/status`: 409 names the statuses that are allowed.
    func changeReferral<Context: EdgeRequestContext>(
        _ request: Request, number: String?, referral: String?, _ context: Context
    ) async throws -> Response {
        guard let referral = referral.flatMap(ReferralNumber.parse) else { throw HTTPProblem.nothingHere }
        return try await self.actions.respond(
            request, number: number, context, name: "change_referral", parse: ReferralChangeBody.parse,
            perform: { body, call in
                do {
                    let caseID = try await self.store.changeReferral(
                        referral, of: call.number, to: body.status, by: call.actor(body.by), at: Date(),
                        in: call.transaction)
                    return CaseActions.Done(caseID: caseID, answer: Number(number: call.number.rawValue))
                } catch let error as ReferralTransitionError {
                    let words = error.allowed.map(\.rawValue).sorted().joined(separator: ", ")
                    throw HTTPProblem(
                        .caseState,
                        "The referral is \(error.from.rawValue). What can be set now: \(words.isEmpty ? "nothing" : words)."
                    )
                }
            })
    }

    /// `POST /v1/cases/{number}/milestones`
    func milestone<Context: EdgeRequestContext>(_ request: Request, number: String?, _ context: Context) async throws
        -> Response
    {
        try await self.actions.respond(
            request, number: number, context, name: "record_milestone",
            parse: { (data) throws(IntakeRejection) in try MilestoneBody.parse(data, now: Date()) },
            perform: { body, call in
                let caseID = try await self.store.record(
                    body, on: call.number, by: call.actor(body.by), in: call.transaction)
                return CaseActions.Done(caseID: caseID, answer: Number(number: call.number.rawValue))
            })
    }

    /// `POST /v1/cases/{number}/decisions`: the common superior names the responsible agency.
    func decide<Context: EdgeRequestContext>(_ request: Request, number: String?, _ context: Context) async throws
        -> Response
    {
        try await self.actions.respond(
            request, number: number, context, name: "decide_dispute", parse: DecisionBody.parse,
            perform: { body, call in
                do {
                    let caseID = try await DisputeStore().decide(
                        body, on: call.number, by: call.actor(body.by), in: call.transaction)
                    return CaseActions.Done(caseID: caseID, answer: Number(number: call.number.rawValue))
                } catch let error as CaseworkError where error.code == .unknownAgency {
                    throw HTTPProblem.wrongField("/agency", "unknown_value", "is no active agency of this network")
                }
            })
    }
}

extension ClosingGate.Obstacle {
    /// What to do about it.
    var remedy: String {
        switch self {
        case .openReferral: "Wait for the agency, or cancel the referral."
        case .unreplacedFailure: "Refer it elsewhere, or close it as the owner."
        case .dangerStands: "Have the danger ended, or the level lowered by two people."
        case .noCallBack: "Call her back and record it."
        case .notSettled: "She says it is not settled: act on it, then call back."
        case .tooFewAttempts: "Call on \(ClosingGate.attempts) different days before giving up."
        }
    }
}
