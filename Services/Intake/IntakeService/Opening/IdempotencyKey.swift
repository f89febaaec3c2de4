import FoundationEssentials
import HTTPTypes
import ServiceKit

/// What makes a repeated request one request: the client's `Idempotency-Key`, or one we make up when it sent none, so
/// that we can still find out what became of our own COMMIT.
struct IdempotencyKey: Sendable, Hashable {
    static let headerName: HTTPField.Name = {
        guard let name = HTTPField.Name("Idempotency-Key") else { preconditionFailure("this is a header name") }
        return name
    }()
    static let longest = 200

    let text: String
    /// Whether the client chose it; only then may an earlier request have used it.
    let isFromClient: Bool

    /// The key of a request.
    /// - Throws: `HTTPProblem` 400 when the header is empty, too long, repeated or not printable ASCII.
    init(of headers: HTTPFields) throws(HTTPProblem) {
        let values = headers[values: Self.headerName]
        guard let value = values.first else {
            self.text = "server:" + UUID().uuidString.lowercased()
            self.isFromClient = false
            return
        }
        let isPrintable = value.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        guard values.count == 1, (1...Self.longest).contains(value.utf8.count), isPrintable else {
            throw HTTPProblem(
                .badRequest, "The Idempotency-Key header must be one value of 1 to 200 printable ASCII characters.")
        }
        self.text = value
        self.isFromClient = true
    }
}
