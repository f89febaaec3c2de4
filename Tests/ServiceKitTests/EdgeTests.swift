import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Testing

@testable import ServiceKit

/// What a caller sees of a door, whatever happens behind it.
@Suite struct EdgeTests {
    struct Form: ResponseCodable {
        struct Person: Codable {
            var displayName: String
            var bornAt: Date?
            var age: Int?
        }
        enum Channel: String, Codable { case hotline }

        var helpSeeker: Person
        var persons: [Person]?
        var channel: Channel?
    }

    struct Leak: Error, CustomStringConvertible { let description = "row (张三, 13800000000)" }

    private let recorder = LogRecorder()

    private func withDoor<Result>(
        _ body: @Sendable (any TestClientProtocol) async throws -> Result
    ) async throws -> Result {
        let router = Router(context: BasicEdgeContext.self, options: .autoGenerateHeadEndpoints).addEdgeMiddleware()
        router.post("/v1/forms") { request, context -> EditedResponse<Form> in
            EditedResponse(status: .created, response: try await request.decode(as: Form.self, context: context))
        }
        router.get("/v1/cases/:number") { _, _ -> String in throw Leak() }
        router.get("/v1/limited") { _, _ -> String in throw HTTPProblem.rateLimited(retryAfter: .milliseconds(1500)) }
        router.get("/v1/gone") { _, _ -> String in throw HTTPError(.gone, message: "It was closed.") }
        let logger = self.recorder.logger()
        let operations = Operations(metrics: MetricsRegistry(), checks: [], logger: logger)
        let door = HTTPDoor(
            router, address: HTTPAddress(host: "127.0.0.1", port: 0), operations: operations, logger: logger)
        return try await door.application.test(.router, body)
    }

    private func post(
        _ body: String, type: String? = "application/json", to path: String = "/v1/forms"
    ) async throws -> TestResponse {
        try await self.withDoor { client in
            var headers = HTTPFields()
            headers[.contentType] = type
            return try await client.execute(
                uri: path, method: .post, headers: headers, body: ByteBuffer(string: body))
        }
    }

    private func get(_ path: String, method: HTTPRequest.Method = .get) async throws -> TestResponse {
        try await self.withDoor { try await $0.execute(uri: path, method: method) }
    }

    private func problem(_ response: TestResponse) throws -> ProblemDocument {
        #expect(response.headers[.contentType] == "application/problem+json")
        #expect(response.headers[.cacheControl] == "no-store")
        let document = try JSONDecoder().decode(ProblemDocument.self, from: Data(response.body.readableBytesView))
        #expect(document.status == response.status.code)
        #expect(document.instance == "urn:dandelion:request:\(response.headers[.requestID] ?? "none")")
        return document
    }

    @Test func goodRequestsAndAnswersAreSnakeCaseWithOffsets() async throws {
        let response = try await self.post(
            #"{"help_seeker":{"display_name":"李","born_at":"2000-01-01T00:00:00Z"}}"#,
            type: "application/json; charset=UTF-8")
        #expect(response.status == .created)
        #expect(
            String(buffer: response.body)
                == #"{"help_seeker":{"born_at":"2000-01-01T08:00:00.000+08:00","display_name":"李"}}"#)
    }

    @Test func malformedJSONNamesLineAndColumn() async throws {
        let response = try await self.post("{\n  \"help_seeker\": }")
        let problem = try self.problem(response)
        #expect(response.status == .badRequest)
        #expect(problem.type == "/problems/malformed-json")
        #expect(problem.detail == "Line 2, column 18: a value is expected.")
    }

    @Test(arguments: [
        (#"{"help_seeker":{"display_name":3}}"#, "/help_seeker/display_name", "wrong_type"),
        (#"{"help_seeker":{}}"#, "/help_seeker/display_name", "required"),
        (#"{"help_seeker":null}"#, "/help_seeker", "required"),
        (#"{}"#, "/help_seeker", "required"),
        (
            #"{"help_seeker":{"display_name":"a"},"persons":[{"display_name":"a"},{"display_name":[]}]}"#,
            "/persons/1/display_name", "wrong_type"
        ),
        (
            #"{"help_seeker":{"display_name":"a","born_at":"2023-02-30T00:00:00Z"}}"#, "/help_seeker/born_at",
            "invalid_time"
        ),
        (#"{"help_seeker":{"display_name":"a"},"channel":"secret"}"#, "/channel", "invalid_value"),
    ])
    func theWrongFieldIsNamed(body: String, field: String, code: String) async throws {
        let response = try await self.post(body)
        let problem = try self.problem(response)
        #expect(response.status == .badRequest)
        #expect(problem.errors?.map(\.field) == [field])
        #expect(problem.errors?.map(\.code) == [code])
        #expect(!String(buffer: response.body).contains("secret"))
    }

    @Test func aFractionForAWholeNumberIsExplained() async throws {
        let problem = try self.problem(try await self.post(#"{"help_seeker":{"display_name":"a","age":1.5}}"#))
        #expect(problem.status == 400)
        #expect(problem.detail?.contains("whole number") == true)
    }

    @Test(arguments: [nil, "text/plain", "application/xml", "application/json; charset=gbk"])
    func otherMediaTypesAreRefused(type: String?) async throws {
        #expect(try self.problem(try await self.post("{}", type: type)).status == 415)
    }

    @Test func anEmptyBodyIsExplained() async throws {
        #expect(try self.problem(try await self.post("")).detail == "The body is empty; send a JSON document.")
    }

    @Test func aBodyOverTheLimitNamesTheLimit() async throws {
        let response = try await self.post("\"" + String(repeating: "a", count: 300_000) + "\"")
        #expect(response.status == .contentTooLarge)
        #expect(try self.problem(response).detail == "The body may have at most 262144 bytes.")
    }

    @Test func anUnknownPathIsAProblemToo() async throws {
        let response = try await self.get("/v2/nothing?name=张三")
        #expect(response.status == .notFound)
        #expect(try self.problem(response).type == "/problems/not-found")
    }

    @Test func aMethodThatIsNotKnownNamesThoseThatAre() async throws {
        let response = try await self.get("/v1/forms", method: .delete)
        #expect(response.status == .methodNotAllowed)
        #expect(response.headers[.allow] == "POST")
        #expect(try self.problem(response).detail == "Allowed here: POST.")
    }

    @Test func headComesWithGet() async throws {
        #expect(try await self.get("/health", method: .head).status == .ok)
        #expect(try await self.get("/health", method: .post).headers[.allow] == "GET, HEAD")
    }

    @Test func anErrorNobodyPlannedForTellsNothing() async throws {
        let response = try await self.get("/v1/cases/C-1234-5678")
        #expect(response.status == .internalServerError)
        #expect(!String(buffer: response.body).contains("13800000000"))
        #expect(try self.problem(response).type == "/problems/internal-error")
        #expect(!self.recorder.text.contains("13800000000"))
        #expect(self.recorder.entries.contains { $0.level == .error && $0.message == "Request failed" })
    }

    @Test func rateLimitsRoundTheWaitUp() async throws {
        let response = try await self.get("/v1/limited")
        #expect(response.status == .tooManyRequests)
        #expect(response.headers[.retryAfter] == "2")
    }

    @Test func statusesOfTheFrameworkBecomeProblems() async throws {
        let problem = try self.problem(try await self.get("/v1/gone"))
        #expect(problem.status == 410)
        #expect(problem.detail == "It was closed.")
    }

    @Test func everyAnswerHasItsOwnRandomID() async throws {
        let first = try await self.get("/health").headers[.requestID]
        let second = try await self.get("/health").headers[.requestID]
        #expect(first?.count == 32)
        #expect(first != second)
        #expect(first?.prefix(16) != second?.prefix(16))
    }

    @Test func theAccessLogHoldsTheRouteAndNothingOfTheRequest() async throws {
        _ = try await self.get("/v1/cases/C-1234-5678?name=张三")
        let entry = try #require(self.recorder.entries.first { $0.message == "Request answered" })
        #expect(entry.metadata["http.route"] == "/v1/cases/{number}")
        #expect(entry.metadata["http.method"] == "GET")
        #expect(entry.metadata["http.status"] == "500")
        #expect(!self.recorder.text.contains("C-1234"))
        #expect(!self.recorder.text.contains("张三"))
    }
}
