import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import HTTPTypes
import Hummingbird
import JobQueue
import Metrics
import NIOCore
import PostgresClient
import ServiceKit

/// What staff record on a case through a client that may change cases: read strictly, done in one transaction together
/// with the job that has routing look at the case, and once for an Idempotency-Key.
struct CaseActions: Sendable {
    static let bodyLimit = 256 * 1024

    let gate: ClientGate
    let pool: PostgresPool
    let jobs: JobStore
    let secrets: IntakeSecrets
    private let store = IntakeStore()

    init(gate: ClientGate, pool: PostgresPool, jobs: JobStore, secrets: IntakeSecrets) {
        self.gate = gate
        self.pool = pool
        self.jobs = jobs
        self.secrets = secrets
    }

    /// What an action did, to be answered.
    struct Done<Answer: Encodable & Sendable>: Sendable {
        let caseID: UUID
        let answer: Answer
        /// Whether routing has to look at the case.
        var isForRouting = true
    }

    /// The surroundings of one action.
    struct Call: Sendable {
        let number: CaseNumber
        let client: IntakeClient
        let transaction: PostgresTransaction

        func actor(_ staff: StaffID) -> CaseActor { CaseActor(staff, client: self.client.id) }
    }

    /// Takes a request, reads its body with `parse` and does `perform` with it.
    func respond<Context: EdgeRequestContext, Body: Sendable, Answer: Encodable & Sendable>(
        _ request: Request, number text: String?, _ context: Context, name: StaticString,
        parse: (Data) throws(IntakeRejection) -> Body,
        perform: @escaping @Sendable (Body, Call) async throws -> Done<Answer>
    ) async throws -> Response {
        let client = try await self.gate.client(of: request, context)
        guard client.mayChangeCases, let number = text.flatMap(CaseNumber.parse) else { throw HTTPProblem.nothingHere }
        let key = try IdempotencyKey(of: request.headers)
        let bytes = try await JSONBodyDecoder().bytes(of: request, limit: Self.bodyLimit)
        let body: Body
        do {
            body = try parse(Data(bytes))
        } catch {
            throw HTTPProblem(rejecting: error)
        }
        let fingerprint = self.secrets.fingerprint(of: Array(request.uri.path.utf8) + [0] + bytes)
        do {
            let done = try await self.repeating {
                try await self.pool.withTransaction(name) { transaction in
                    if key.isFromClient {
                        let earlier = try await self.store.takeIdempotencyKey(
                            key.text, client: client.id, requestHash: fingerprint, caseID: UUID(), in: transaction)
                        guard earlier == nil else { return Done<Answer>?.none }
                    }
                    let call = Call(number: number, client: client, transaction: transaction)
                    let done = try await perform(body, call)
                    if done.isForRouting {
                        try self.jobs.post(
                            JobRequest(CaseChanged(caseID: done.caseID), queue: Queues.routing, priority: 1),
                            in: transaction)
                    }
                    return done
                }
            }
            Counter(label: "intake_actions", dimensions: [("action", "\(name)")]).increment()
            guard let done else { return try Self.answer(Repeated(number: number.rawValue), isReplay: true) }
            return try Self.answer(done.answer, isReplay: false)
        } catch let error as CaseworkError {
            if error.code == .clientRevoked { try self.gate.forget(request) }
            throw HTTPProblem(refusing: error)
        }
    }

    private struct Repeated: Encodable {
        let number: String
    }

    /// Two transactions that met change nothing: the action is tried again.
    private func repeating<Value>(_ body: () async throws -> Value) async throws -> Value {
        for _ in 0..<3 {
            do {
                return try await body()
            } catch let error as PostgresError where error.sqlState == "40P01" || error.sqlState == "40001" {
                continue
            } catch let error as PostgresError {
                // What was posted, or is checked at COMMIT, is refused by the transaction's own end.
                throw CaseworkError(error) ?? error
            }
        }
        return try await body()
    }

    private static func answer(_ value: some Encodable, isReplay: Bool) throws -> Response {
        var headers: HTTPFields = [.contentType: "application/json", .cacheControl: "no-store"]
        if isReplay { headers[OpenCaseRoute.replayed] = "true" }
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: try JSONConventions.encoder.encode(value))))
    }
}
