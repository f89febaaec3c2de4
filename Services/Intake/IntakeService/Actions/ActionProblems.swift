import Casework
import CaseworkStore
import HTTPTypes
import ServiceKit

extension ProblemType {
    /// The member of staff named in the body may not do this.
    static let staffMayNot = Self("staff-may-not", .forbidden, "This member of staff may not do this")
    /// The case's state does not allow it.
    static let caseState = Self("case-state", .conflict, "The case is not in a state that allows this")
}

extension HTTPProblem {
    /// A body that was read and found wrong.
    init(rejecting rejection: IntakeRejection) {
        if rejection.problems.contains(where: { $0.code == .malformedJSON }) {
            self.init(.malformedJSON, "Send a JSON document in UTF-8.")
        } else {
            self = .validation(
                rejection.problems.map { FieldError(field: $0.field, code: $0.code.rawValue, message: $0.message) })
        }
    }

    /// What the database refused of what staff wanted to do.
    init(refusing error: CaseworkError) {
        switch error.code {
        case .unknownCase:
            self = .nothingHere
        case .clientRevoked:
            self = .unauthenticated("This key is not known or was revoked.")
        case .idempotencyKeyReused:
            self.init(
                .idempotencyKeyReused, "Use a new Idempotency-Key for a new request, or send the first body again.")
        case .unknownStaff:
            self = .wrongField("/by", "unknown_value", "is no member of staff at work; see `dandelion staff list`")
        case .staffMayNot:
            self.init(
                .staffMayNot, "Another role is needed, or somebody who serves the case's division. Nothing was changed."
            )
        case .relatedToParty:
            self.init(.staffMayNot, "Somebody related to a party of the case neither reads nor handles it.")
        case .unknownAgency:
            self = .wrongField("/agencies", "unknown_value", "names an agency that is not there, or of another kind")
        case .caseClosed:
            self.init(.caseState, "The case is closed. Nothing was changed.")
        case .unknownConsent:
            self.init(.caseState, "There is no consent of that kind to take back. Nothing was changed.")
        case .openCaseWithoutClock:
            self.init(.caseState, "It would leave the case without a running clock. Nothing was changed.")
        case .alreadySo:
            self.init(.caseState, "It is so already. Nothing was changed.")
        case .notPossible, .referralState, .clockChanged:
            self.init(
                .caseState, "As the case stands this is not possible. Read it and try again. Nothing was changed.")
        default:
            self.init(.internalError, "The operators find it under the id in instance.")
        }
    }

    static func wrongField(_ field: String, _ code: String, _ message: String) -> HTTPProblem {
        .validation([FieldError(field: field, code: code, message: message)])
    }
}
