import AgencyDoors
import Casework
import CaseworkStore
import FoundationEssentials
import Hummingbird
import HTTPTypes
import NIOCore
import PostgresClient
import ServiceKit

/// The agencies' HTTP door: finds out which agency asks, reads the request, calls what does it, writes the answer.
struct GatewayDoor: Sendable {
    let pool: PostgresPool
    let referralStore: GatewayStore
    let rounds: GatewayRounds
    let leasing: Leasing
    let answers: HandOverAnswers
    let reports: ReferralReports
    let repeats: RepeatedRequests
    let limiter: RateLimiter<UUID>
    let keys: KeyLookUps
    /// How many reverse proxies of ours stand in front.
    let proxies: Int

    /// The router with every operation, and nothing else.
    func router() -> Router<GatewayContext> {
        let router = Router(context: GatewayContext.self)
        router.addEdgeMiddleware()
        for operation in GatewayOperation.allCases {
            router.on(RouterPath(operation.path), method: operation.method) { request, context in
                try await self.respond(to: operation, request, context)
            }
        }
        return router
    }

    private func respond(
        to operation: GatewayOperation, _ request: Request, _ context: GatewayContext
    ) async throws -> Response {
        guard operation.needsKey else {
            return Response(
                status: .ok, headers: [.contentType: "application/json"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: try OpenAPIDocument.encoded())))
        }
        let caller = try await self.caller(of: request, context)
        guard operation.scope.map(caller.scopes.contains) ?? true else { throw HTTPProblem.outsideScope }
        var request = request
        var response: Response
        if operation.takesIdempotencyKey,
            let key = try await self.repeats.key(of: &request, limit: context.maxUploadSize)
        {
            let again = request
            response = GatewayResponse.of(
                try await self.repeats.answer(under: key, of: caller.agency.id) {
                    try await self.answer(operation, of: caller.agency, again, context)
                })
        } else {
            let answer = try await self.answer(operation, of: caller.agency, request, context)
            response = try GatewayResponse.of(answer, to: request, isRead: operation.method == .get)
        }
        response.headers.say(self.limiter.standing(of: caller.agency.id))
        return response
    }

    private var tasks: JointTasks { JointTasks(pool: self.pool) }
    private var desk: Desk {
        Desk(
            pool: self.pool, doors: self.leasing.doors, referrals: self.referralStore, answers: self.answers,
            reports: self.reports)
    }

    private func answer(
        _ operation: GatewayOperation, of agency: Agency, _ request: Request, _ context: GatewayContext
    ) async throws -> any Encodable & Sendable {
        switch operation {
        case .lease:
            let body: LeaseBody = try await request.strictBody(context: context)
            let wish = Leasing.Wish(
                maximum: body.max ?? 1, wait: .seconds(body.waitSeconds ?? 0),
                lease: .seconds(body.leaseSeconds ?? ExtendBody.defaultLease))
            return LeaseAnswer(
                leases: try await self.leasing.lease(wish, for: agency, connection: context.connection))
        case .extendLease:
            let body: ExtendBody = try await request.strictBody(context: context)
            return ExtendAnswer(
                expiresAt: try await self.answers.extend(
                    try Self.lease(context), of: agency,
                    by: .seconds(body.leaseSeconds ?? ExtendBody.defaultLease)))
        case .handBack:
            let body: HandBackBody = try await request.strictBody(context: context)
            try await self.answers.handBack(
                try Self.lease(context), of: agency, delay: .seconds(body.delaySeconds ?? 0))
            return EmptyAnswer()
        case .acceptHandOver, .rejectHandOver, .objectToHandOver:
            let (answer, text) = try await self.handOverAnswer(operation, request, context)
            return try await self.answers.answer(try Self.lease(context), of: agency, with: answer, text: text?.sent)
        case .listReferrals:
            let page = try ReferralPage(of: request)
            return ReferralsAnswer(try await self.reports.list(page, of: agency), of: page)
        case .readReferral:
            return ReferralAnswer(try await self.reports.referral(try Self.number(context), of: agency))
        case .reportProgress:
            let body: ProgressBody = try await request.strictBody(context: context)
            return try await self.reports.progress(
                try Self.number(context), of: agency, to: try Self.checked(body.status), text: body.text?.sent)
        case .reportOutcome:
            let body: OutcomeBody = try await request.strictBody(context: context)
            return try await self.reports.outcome(
                try Self.number(context), of: agency, as: try Self.checked(body.status),
                try Self.checked(body.outcome), text: body.text?.sent)
        case .listTasks:
            return TasksAnswer(tasks: try await self.tasks.list(of: agency))
        case .finishTask:
            _ = try await request.strictBody(EmptyBody.self, context: context)
            return try await self.tasks.finish(context.parameters.get("task"), of: agency)
        case .countAtDesk: return try await self.desk.counts(of: agency)
        case .leaseToDesk: return try await self.desk.lease(try await request.strictBody(context: context), for: agency)
        case .readAtDesk:
            return try await self.desk.package(
                try Self.lease(context), try await request.strictBody(context: context), of: agency)
        case .answerAtDesk:
            return try await self.desk.answer(
                try Self.lease(context), try await request.strictBody(context: context), of: agency)
        case .reportAtDesk:
            return try await self.desk.report(
                try Self.number(context), try await request.strictBody(context: context), of: agency)
        case .viewAtDesk: return try await self.desk.view(try Self.number(context), of: agency)
        case .readNetworkKey:
            guard let key = try await self.leasing.doors.networkKey(on: self.pool) else {
                throw HTTPProblem.noNetworkKey
            }
            return NetworkKeyAnswer(key, agency: agency.id)
        case .readOpenAPI:
            preconditionFailure("answered before the agency is asked for")
        }
    }

    private func handOverAnswer(
        _ operation: GatewayOperation, _ request: Request, _ context: GatewayContext
    ) async throws -> (HandOverAnswers.Answer, TextBody?) {
        switch operation {
        case .rejectHandOver:
            let body: RejectBody = try await request.strictBody(context: context)
            let kind = body.suggestedAgencyKind.map(AgencyKind.init(rawValue:))
            return (.reject(try Self.checked(body.reason), suggested: kind), body.text)
        case .objectToHandOver:
            let body: ObjectBody = try await request.strictBody(context: context)
            return (.object(try Self.checked(body.reason)), body.text)
        default:
            return (.accept, try await request.strictBody(AcceptBody.self, context: context).text)
        }
    }

    /// The agency whose key the request bears, and what the key is good for.
    private func caller(of request: Request, _ context: GatewayContext) async throws -> AgencyCaller {
        let hash = try BearerToken(of: request).hash
        let peer = Peer(of: request, remoteAddress: context.remoteAddress, proxies: self.proxies)
        let caller = try await self.keys.find(hash, from: peer) {
            try await self.rounds.caller(keyHash: hash.bytes)
        }
        try self.limiter.admit(caller.agency.id)
        return caller
    }

    private static func lease(_ context: GatewayContext) throws -> LeaseHandle {
        guard let handle = LeaseHandle(context.parameters.get("lease") ?? "") else { throw HTTPProblem.notYours }
        return handle
    }

    private static func number(_ context: GatewayContext) throws -> String {
        guard let number = context.parameters.get("number") else { throw HTTPProblem.notYours }
        return number
    }

    /// A word the body's own check has let through.
    private static func checked<Word: RawRepresentable<String>>(_ text: String?) throws -> Word {
        guard let word = text.flatMap(Word.init(rawValue:)) else { throw HTTPProblem(.validationFailed) }
        return word
    }
}
