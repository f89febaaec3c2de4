import Casework
import CaseworkStore
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging
import Metrics
import NIOCore
import PostgresClient
import ServiceKit

/// `POST /v1/requests`: takes a request for help and opens its case.
struct OpenCaseRoute: Sendable {
    /// A body may have 256 KiB.
    static let bodyLimit = 256 * 1024

    let gate: ClientGate
    let divisions: DivisionPaths
    let agencies: KnownAgencies
    let clocks: FirstResponseClocks
    let sealer: RequestSealer
    /// Reads narratives for words that speak of danger; `nil` where no lexicon is set.
    let triage: TriageSealer?
    let opening: CaseOpening
    private let opened = Counter(label: "intake_requests", dimensions: [("result", "opened")])
    private let repeated = Counter(label: "intake_requests", dimensions: [("result", "repeated")])

    init(
        gate: ClientGate, divisions: DivisionPaths, agencies: KnownAgencies, clocks: FirstResponseClocks,
        sealer: RequestSealer, triage: TriageSealer?, opening: CaseOpening
    ) {
        self.gate = gate
        self.divisions = divisions
        self.agencies = agencies
        self.clocks = clocks
        self.sealer = sealer
        self.triage = triage
        self.opening = opening
    }

    func respond<Context: EdgeRequestContext>(_ request: Request, _ context: Context) async throws -> Response {
        let client = try await self.gate.client(of: request, context)
        let key = try IdempotencyKey(of: request.headers)
        let body = try await JSONBodyDecoder().bytes(of: request, limit: Self.bodyLimit)
        let fingerprint = self.opening.secrets.fingerprint(of: body)
        let opening: Opening
        do {
            let (intake, tree) = try await self.read(body, of: request, context: context)
            let outside = client.outsideScope(intake, path: tree.path(of: intake.division))
            guard outside.isEmpty else {
                throw HTTPProblem(
                    .outsideScope, "Correct the fields named in errors, or use a key whose scope holds them.",
                    errors: outside)
            }
            let draft = try await self.draft(try await self.agencies.resolve(intake), client: client, divisions: tree)
            opening = try await self.opening.open(draft, key: key, fingerprint: fingerprint)
        } catch let problem as HTTPProblem where [400, 403, 422].contains(problem.status.code) {
            let earlier = try await self.opening.earlier(clientID: client.id, key: key, fingerprint: fingerprint)
            guard let earlier else { throw problem }
            opening = earlier
        } catch let problem as HTTPProblem where problem.type == .unauthenticated {
            try self.gate.forget(request)
            throw problem
        }
        self.record(opening, client: client, logger: context.logger)
        return try Self.response(opening)
    }

    // MARK: - Reading

    private func read<Context: EdgeRequestContext>(
        _ body: [UInt8], of request: Request, context: Context
    ) async throws -> (IntakeRequest, DivisionTree) {
        let document: IntakeDocument
        do throws(IntakeRejection) {
            document = try IntakeDocument(body)
        } catch {
            // Where a body stops being JSON for the edge's own decoder, too, that one names the place.
            var probed = request
            probed.body = RequestBody(buffer: ByteBuffer(bytes: body))
            _ = try await JSONBodyDecoder().decode(NothingOfIt.self, from: probed, context: context)
            throw HTTPProblem(rejecting: error)
        }
        let tree = try await self.divisions.tree(for: document.division)
        do throws(IntakeRejection) {
            return (try IntakeRequest.parse(document, divisions: tree, now: Date()), tree)
        } catch {
            throw HTTPProblem(rejecting: error)
        }
    }

    /// Any JSON will do.
    private struct NothingOfIt: Decodable {
        init(from decoder: any Decoder) {}
    }

    private func draft(_ intake: IntakeRequest, client: IntakeClient, divisions: DivisionTree) async throws -> CaseDraft
    {
        let id = UUID()
        let now = Date()
        let people = try self.sealer.people(intake, now: now)
        let facts = intake.facts(divisions: divisions, now: now)
        return CaseDraft(
            id: id, client: client, facts: facts,
            narrative: try self.sealer.narrative(intake.narrative, caseID: id), people: people,
            contactRules: try self.sealer.contactRules(intake, people: people, now: now),
            firstResponse: await self.clocks.clock(for: intake.riskLevel),
            triage: try self.triage?.read(intake.narrative, knowing: facts.riskItems, facts.flags) ?? .nothing)
    }

    // MARK: - Answering

    private static func response(_ opening: Opening) throws -> Response {
        let data = try JSONConventions.encoder.encode(opening.answer)
        var headers: HTTPFields = [
            .contentType: "application/json", .location: "/v1/cases/\(opening.answer.number)",
        ]
        if opening.isReplay { headers[Self.replayed] = "true" }
        return Response(status: .created, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: data)))
    }

    private func record(_ opening: Opening, client: IntakeClient, logger: Logger) {
        logger.info(
            opening.isReplay ? "Request repeated" : "Case opened",
            metadata: ["case.id": "\(opening.caseID)", "client.id": "\(client.id)"])
        (opening.isReplay ? self.repeated : self.opened).increment()
    }

    static let replayed: HTTPField.Name = {
        guard let name = HTTPField.Name("Idempotency-Replayed") else { preconditionFailure("this is a header name") }
        return name
    }()
}
