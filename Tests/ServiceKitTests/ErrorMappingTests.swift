import HTTPTypes
import Hummingbird
import NIOCore
import Testing

@testable import PostgresClient
@testable import ServiceKit

/// Which status an error of the layers below becomes, and what a process that ends by it exits with.
@Suite struct ErrorMappingTests {
    @Test(arguments: [
        PostgresError.Code.connectionFailed, .connectionLost, .poolExhausted, .acquireTimeout, .cancelled, .shutdown,
    ])
    func aDatabaseThatIsAwayIsTriedAgainLater(code: PostgresError.Code) {
        let problem = HTTPProblem(answering: PostgresError(code))
        #expect(problem.type == .unavailable)
        #expect(problem.retryAfter != nil)
    }

    @Test(arguments: ["40001", "40P01", "55P03", "53300", "57P01", "25006"])
    func serverStatesThatPassAreTriedAgainLater(state: String) {
        #expect(HTTPProblem(answering: PostgresError(.server, sqlState: state)).type == .unavailable)
    }

    @Test(arguments: ["23505", "42703", "DC001"])
    func serverStatesThatStayAreADefect(state: String) {
        let problem = HTTPProblem(answering: PostgresError(.server, sqlState: state, constraint: "person_phone_key"))
        #expect(problem.type == .internalError)
        #expect(problem.detail?.contains("phone") == false)
    }

    @Test func anUnknownCommitAsksForTheSameIdempotencyKey() {
        let problem = HTTPProblem(answering: PostgresError(.commitOutcomeUnknown))
        #expect(problem.type == .outcomeUnknown)
        #expect(problem.status == .serviceUnavailable)
        #expect(problem.detail?.contains("idempotency key") == true)
    }

    @Test func tooManyBytesNamesTheLimit() {
        #expect(
            HTTPProblem(answering: NIOTooManyBytesError(maxBytes: 7)).detail == "The body may have at most 7 bytes.")
    }

    @Test func exitCodesSayWhoseFaultItIs() {
        let configuration = ConfigurationError(variable: "X", problem: "is not set", remedy: "set it")
        #expect(
            ServiceExit(for: configuration, duringStart: true) == ServiceExit(.configuration, "X is not set; set it"))
        #expect(ServiceExit(for: PostgresError(.connectionFailed), duringStart: true).code == .unavailable)
        #expect(ServiceExit(for: PostgresError(.misuse), duringStart: true).code == .configuration)
        #expect(ServiceExit(for: PostgresError(.misuse), duringStart: false).code == .internalError)
    }

    @Test func aForeignErrorIsDescribedOnlyBeforeAnyDataWasTouched() {
        struct Leak: Error, CustomStringConvertible { let description = "line one\nline two" }
        #expect(ServiceExit(for: Leak(), duringStart: true).reason == "line one line two")
        #expect(ServiceExit(for: Leak(), duringStart: false).reason.contains("line") == false)
    }
}
