import Casework
import CaseworkStore
import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import PostgresClient
import ServiceKit

/// `POST /v1/cases/{number}/contact/stop`: she wants no more contact (S10). For a client with the right to read the case;
/// whoever could silence us wrongly can be undone by asking her again, and each message that was cleared is a task.
///
/// It waits for a message that is on its way at this moment; once it has answered, nothing more is handed to a provider.
/// Repeating it changes nothing.
struct StopContactRoute: Sendable {
    private struct Answer: Encodable {
        let cleared: Int
    }

    let gate: ClientGate
    let pool: PostgresPool
    private let store = IntakeStore()

    init(gate: ClientGate, pool: PostgresPool) {
        self.gate = gate
        self.pool = pool
    }

    func respond(_ request: Request, number: String?, _ context: some EdgeRequestContext) async throws -> Response {
        let client = try await self.gate.client(of: request, context)
        guard client.mayReadCases, let number = number.flatMap(CaseNumber.parse),
            let cleared = try await self.store.stopContact(number: number, client: client.id, on: self.pool)
        else { throw HTTPProblem.nothingHere }
        let data = try JSONConventions.encoder.encode(Answer(cleared: cleared))
        return Response(
            status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: data)))
    }
}
