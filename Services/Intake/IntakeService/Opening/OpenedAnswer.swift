import Casework
import FoundationEssentials

/// What a request for help is answered with, the first time and each time it is repeated.
struct OpenedAnswer: Encodable, Equatable, Sendable {
    /// The case's number.
    let number: String
    /// For the help-seeker alone.
    let receipt: String
    let status = "received"
    let ownerStation: String
    let firstResponseDueAt: Date

    enum CodingKeys: CodingKey {
        case number, receipt, status, ownerStation, firstResponseDueAt
    }
}

/// An answer, and whether it is that of an earlier request with the same key.
struct Opening: Equatable, Sendable {
    let caseID: UUID
    let answer: OpenedAnswer
    let isReplay: Bool
}
