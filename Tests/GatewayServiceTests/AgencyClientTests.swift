import DandelionAgency
import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import TestSupport
import Testing

/// What the client library makes of a gateway in trouble.
@Suite struct AgencyClientTests {
    /// A gateway that answers with these statuses, one after the other, and then with 200.
    private func withAnswers<Value: Sendable>(
        _ statuses: [Int], type: String = "unavailable",
        _ body: @escaping @Sendable (AgencyClient, TestSignal<String>) async throws -> Value
    ) async throws -> Value {
        let asked = TestSignal<String>("a request arrives")
        let router = Router()
        let answer: @Sendable (Request, BasicRequestContext) async throws -> Response = { request, _ in
            asked.send(request.uri.path)
            guard asked.pending > statuses.count else {
                let status = statuses[asked.pending - 1]
                let problem = #"{"type":"/problems/\#(type)","title":"t","status":\#(status),"detail":"d"}"#
                return Response(
                    status: .init(code: status), headers: [.contentType: "application/problem+json"],
                    body: ResponseBody(byteBuffer: ByteBuffer(string: problem)))
            }
            return Response(
                status: .ok, headers: [.contentType: "application/json"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: #"{"number":"R-0000-0001","status":"accepted"}"#)))
        }
        router.on("/v1/leases/:lease/accept", method: .post, use: answer)
        router.on("/v1/leases/:lease/reject", method: .post, use: answer)
        return try await Application(router: router, logger: GatewayHarness.logger).test(.live) { client in
            guard let port = client.port else { throw CancellationError() }
            let agency = try AgencyClient(
                gatewayURL: "http://localhost:\(port)/", key: "dak_test",
                retry: AgencyRetryPolicy(maximumAttempts: 3, initialDelay: .milliseconds(1)))
            return try await body(agency, asked)
        }
    }

    @Test func aGatewayThatIsAwayForAMomentIsAskedAgain() async throws {
        try await self.withAnswers([503, 503]) { client, asked in
            let state = try await client.accept("lease")
            #expect(state.status == "accepted")
            #expect(asked.pending == 3)
        }
    }

    @Test func itIsNotAskedForEver() async throws {
        try await self.withAnswers([503, 503, 503, 503]) { client, asked in
            await #expect(throws: AgencyError.self) { try await client.accept("lease") }
            #expect(asked.pending == 3)
        }
    }

    @Test func aCallThatMayHaveTakenEffectIsRepeatedOnlyWhereThatIsHarmless() async throws {
        try await self.withAnswers([503], type: "outcome-unknown") { client, asked in
            let error = await #expect(throws: AgencyError.self) { try await client.reject("lease", reason: "other") }
            #expect(error?.code == .outcomeUnknown)
            #expect(asked.pending == 1)
        }
        try await self.withAnswers([503], type: "outcome-unknown") { client, asked in
            let state = try await client.accept("lease")
            #expect(state.status == "accepted")
            #expect(asked.pending == 2)
        }
    }

    @Test func aRefusalIsNotRepeatedAndKeepsTheGatewaysWords() async throws {
        try await self.withAnswers([409], type: "lease-lost") { client, asked in
            let error = await #expect(throws: AgencyError.self) { try await client.accept("lease") }
            #expect(error?.code == .leaseLost)
            #expect(error?.problem?.detail == "d")
            #expect(error?.description == "agency call failed (leaseLost) with status 409: d")
            #expect(asked.pending == 1)
        }
    }

    @Test func noGatewayAtAllIsToldAsSuch() async throws {
        let client = try AgencyClient(
            gatewayURL: "http://127.0.0.1:\(try ServiceProcess.freePort())", key: "dak_test",
            retry: AgencyRetryPolicy(maximumAttempts: 1))
        let error = await #expect(throws: AgencyError.self) { try await client.reject("lease", reason: "other") }
        #expect(error?.code == .connectionFailed)
    }

    @Test(arguments: ["", "gateway", "ftp://gateway", "http://", "http://user@gateway", "http://gateway?x=1"])
    func aURLThatCannotBeAGatewaysIsRefused(_ url: String) throws {
        #expect(throws: AgencyError.self) { try AgencyClient(gatewayURL: url, key: "dak_test") }
    }

    @Test(arguments: ["", "two words", "schlüssel", "line\n"])
    func aKeyThatWouldBreakTheHeaderIsRefused(_ key: String) throws {
        #expect(throws: AgencyError.self) { try AgencyClient(gatewayURL: "http://localhost", key: key) }
    }
}
