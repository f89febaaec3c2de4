import Casework
import HTTPTypes
import Hummingbird
import JobQueue
import Logging
import NIOCore
import PostgresClient
import Safeguarding
import ServiceKit

/// What the door is built from.
struct IntakeParts: Sendable {
    var pool: PostgresPool
    var jobs: JobStore
    var keyring: FieldKeyring
    var index: BlindIndex
    var calendar = HolidayCalendar.weekendsOnly
    /// The words by which a narrative may speak of danger; `nil` reads no narrative.
    var lexicon: TriageLexicon?
    /// How long to go on finding out what became of a COMMIT.
    var commitPatience: Duration = .seconds(15)
    /// How many reverse proxies of ours stand in front.
    var proxies = 0
    /// How the transaction that opens a case is run; the pool's, unless a test breaks it.
    var transact: CaseOpening.Transact?
    /// In which requests for help are opened together; without them each goes alone.
    var rounds: OpeningRounds?
    var logger: Logger
}

/// Intake's routes.
enum IntakeDoor {
    /// A router with all of them, behind the middleware of every door.
    static func router(_ parts: IntakeParts) throws -> Router<BasicEdgeContext> {
        let pool = parts.pool
        let gate = ClientGate(pool: pool, proxies: parts.proxies)
        let opening = CaseOpening(
            transact: parts.transact ?? { body in try await pool.withTransaction("open_case", body) },
            jobs: parts.jobs, secrets: IntakeSecrets(index: parts.index), patience: parts.commitPatience,
            rounds: parts.rounds, logger: parts.logger)
        let clocks = FirstResponseClocks(pool: pool, calendar: parts.calendar, logger: parts.logger)
        let openCase = OpenCaseRoute(
            gate: gate, divisions: DivisionPaths(pool: pool), agencies: KnownAgencies(pool: pool), clocks: clocks,
            sealer: RequestSealer(keyring: parts.keyring, index: parts.index),
            triage: parts.lexicon.map { TriageSealer(lexicon: $0, cipher: FieldCipher(keyring: parts.keyring)) },
            opening: opening)
        let readCase = ReadCaseRoute(gate: gate, pool: pool)
        let stopContact = StopContactRoute(gate: gate, pool: pool)
        let receipts = ReceiptRoute(pool: pool)
        let cipher = FieldCipher(keyring: parts.keyring)
        let actions = CaseActions(
            gate: gate, pool: pool, jobs: parts.jobs, secrets: IntakeSecrets(index: parts.index))
        let description = ByteBuffer(bytes: try OpenAPIDocument.tree.document())

        let router = Router(context: BasicEdgeContext.self)
        router.addEdgeMiddleware()
        router.post("/v1/requests") { request, context in
            try await openCase.respond(request, context)
        }
        router.get("/v1/cases/{number}") { request, context in
            try await readCase.respond(request, number: context.parameters.get("number"), context)
        }
        Self.addActions(actions, clocks: clocks, cipher: cipher, index: parts.index, to: router)
        router.post("/v1/cases/{number}/contact/stop") { request, context in
            try await stopContact.respond(request, number: context.parameters.get("number"), context)
        }
        router.get("/v1/receipts/{receipt}") { _, context in
            try await receipts.respond(context.parameters.get("receipt"))
        }
        router.get("/openapi.json") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: description))
        }
        return router
    }
}
