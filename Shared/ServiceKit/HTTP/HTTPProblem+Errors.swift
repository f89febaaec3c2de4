import Hummingbird
import NIOCore
import PostgresClient

extension HTTPProblem {
    /// What any error becomes at the edge. Errors nobody planned for become a 500 that tells nothing.
    init(answering error: any Error) {
        switch error {
        case let problem as HTTPProblem:
            self = problem
        case let error as PostgresError:
            self.init(answering: error)
        case let error as NIOTooManyBytesError:
            self = error.maxBytes.map(HTTPProblem.bodyTooLarge) ?? HTTPProblem(.bodyTooLarge)
        case let error as DecodingError:
            self.init(rejecting: error, body: nil)
        case is CancellationError:
            self.init(.unavailable, "The service is shutting down. Try again.", retryAfter: .seconds(1))
        case let error as any HTTPResponseError:
            self.init(status: error.status, detail: (error as? HTTPError)?.body)
        default:
            self.init(.internalError, "The operators find it under the id in instance.")
        }
    }

    private init(answering error: PostgresError) {
        if error.code == .commitOutcomeUnknown {
            self.init(
                .outcomeUnknown, "Repeat the request with the same idempotency key: it takes effect once.",
                retryAfter: .seconds(1))
        } else if error.isWorthRepeating {
            self.init(
                .unavailable, "Nothing was lost and nothing was changed. Try again.",
                retryAfter: error.code == .poolExhausted ? .seconds(1) : .seconds(5))
        } else {
            self.init(.internalError, "The operators find it under the id in instance.")
        }
    }

    /// A status that Hummingbird or a router answers with, as a document. Only a 4xx may bring its own words.
    private init(status: HTTPResponse.Status, detail: String?) {
        let known: [ProblemType] = [
            .badRequest, .unauthenticated, .forbidden, .notFound, .methodNotAllowed, .conflict, .bodyTooLarge,
            .unsupportedMediaType, .validationFailed, .rateLimited, .unavailable,
        ]
        let type =
            known.first { $0.status.code == status.code }
            ?? (status.kind == .clientError
                ? ProblemType("http-\(status.code)", status, status.reasonPhrase) : .internalError)
        self.init(type, status.kind == .clientError ? detail : nil)
    }
}

extension PostgresError {
    /// The database is away, at its limit, failing over or too slow: the same request may succeed a little later.
    var isWorthRepeating: Bool {
        // A cancelled statement ran into its timeout; 25006 is a write on a server that is no longer the primary.
        self.isUnavailable || self.isRetryable || self.code == .cancelled || self.sqlState == "25006"
    }
}
