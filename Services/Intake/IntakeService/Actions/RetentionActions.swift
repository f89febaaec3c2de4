import Casework
import CaseworkStore
import Hummingbird
import ServiceKit

/// Cases that are kept beyond their time.
struct RetentionActions: Sendable {
    let actions: CaseActions
    private let store = RetentionStore()

    init(actions: CaseActions) {
        self.actions = actions
    }

    /// `POST /v1/cases/{number}/legal-holds`
    func hold<Context: EdgeRequestContext>(_ request: Request, number: String?, _ context: Context) async throws
        -> Response
    {
        try await self.actions.respond(
            request, number: number, context, name: "set_legal_hold", parse: HoldBody.parse,
            perform: { body, call in
                let caseID = try await self.store.setHold(
                    body.reason, stands: body.stands, on: call.number, by: call.actor(body.by), in: call.transaction)
                return CaseActions.Done(
                    caseID: caseID, answer: ClosingActions.Number(number: call.number.rawValue), isForRouting: false)
            })
    }
}
