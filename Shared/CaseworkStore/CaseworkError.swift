public import PostgresClient

/// What the casework functions refuse. Everything else that can go wrong is a `PostgresError`.
public struct CaseworkError: Error, Sendable, Equatable, CustomStringConvertible {
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case eventsAreAppendOnly, openCaseWithoutClock, idempotencyKeyReused, unknownDivision, unknownCase
            case clientRevoked, objectionTooLate
            case unknownStaff, staffMayNot, relatedToParty, caseClosed, unknownConsent, unknownAgency, clockChanged
            case consentGone, alreadySo, notPossible, notAssessed
            case referralState, notThisAgencys, liveReferralExists, alreadyReplaced, numberTaken, unreadableRow
        }

        private let value: Value

        /// Somebody tried to change or remove an event (SQLSTATE DC001).
        public static let eventsAreAppendOnly = Code(value: .eventsAreAppendOnly)
        /// The transaction would leave an open case without a running clock (SQLSTATE DC002). It comes from COMMIT.
        public static let openCaseWithoutClock = Code(value: .openCaseWithoutClock)
        /// The client used this idempotency key for another request (SQLSTATE DC010).
        public static let idempotencyKeyReused = Code(value: .idempotencyKeyReused)
        /// No such division, or none around it has a station (SQLSTATE DC011).
        public static let unknownDivision = Code(value: .unknownDivision)
        /// The client was revoked (SQLSTATE DC012).
        public static let clientRevoked = Code(value: .clientRevoked)
        /// There is no such case (SQLSTATE DC020).
        public static let unknownCase = Code(value: .unknownCase)
        /// The referral is not in a state that allows this (SQLSTATE DC021).
        public static let referralState = Code(value: .referralState)
        /// The agency has no such referral: it may exist, and be another's (SQLSTATE DC030).
        public static let notThisAgencys = Code(value: .notThisAgencys)
        /// The time in which an agency may object is over (SQLSTATE DC031).
        public static let objectionTooLate = Code(value: .objectionTooLate)
        /// What she agreed to does not hold any more: nothing is disclosed (SQLSTATE DC032).
        public static let consentGone = Code(value: .consentGone)
        /// There is no such member of staff, or not at work any more (SQLSTATE DC040).
        public static let unknownStaff = Code(value: .unknownStaff)
        /// This member of staff has not the role, or does not serve the division (SQLSTATE DC041).
        public static let staffMayNot = Code(value: .staffMayNot)
        /// This member of staff is related to a party of the case (SQLSTATE DC042).
        public static let relatedToParty = Code(value: .relatedToParty)
        /// The case is closed (SQLSTATE DC050).
        public static let caseClosed = Code(value: .caseClosed)
        /// There is no such consent to take back (SQLSTATE DC051).
        public static let unknownConsent = Code(value: .unknownConsent)
        /// There is no such agency, or it is of another kind (SQLSTATE DC052).
        public static let unknownAgency = Code(value: .unknownAgency)
        /// The clock has changed since it was read (SQLSTATE DC053).
        public static let clockChanged = Code(value: .clockChanged)
        /// It is so already; nothing was changed (SQLSTATE DC054).
        public static let alreadySo = Code(value: .alreadySo)
        /// As things stand this is not possible (SQLSTATE DC055).
        public static let notPossible = Code(value: .notPossible)
        /// The rules disclose what no impact assessment approves (SQLSTATE DC056).
        public static let notAssessed = Code(value: .notAssessed)
        /// A live referral of the case asks the same agency for the same thing already.
        public static let liveReferralExists = Code(value: .liveReferralExists)
        /// Another referral has replaced the predecessor already: this delivery of the job is a repeat.
        public static let alreadyReplaced = Code(value: .alreadyReplaced)
        /// The random number or receipt is in use: draw again, in a new transaction.
        public static let numberTaken = Code(value: .numberTaken)
        /// A stored word is not one this version knows.
        public static let unreadableRow = Code(value: .unreadableRow)

        public var description: String { self.value.rawValue }
    }

    public let code: Code
    /// The statement that was refused, or the column that could not be read.
    public let place: String?

    public init(code: Code, place: String? = nil) {
        self.code = code
        self.place = place
    }

    /// The refusal in a database error, if it is one of ours. The stores map what their statements throw; whoever runs
    /// the transaction asks here about what COMMIT threw.
    public init?(_ error: PostgresError) {
        switch error.sqlState {
        case "DC001": self.code = .eventsAreAppendOnly
        case "DC002": self.code = .openCaseWithoutClock
        case "DC010": self.code = .idempotencyKeyReused
        case "DC011": self.code = .unknownDivision
        case "DC012": self.code = .clientRevoked
        case "DC020": self.code = .unknownCase
        case "DC021": self.code = .referralState
        case "DC030": self.code = .notThisAgencys
        case "DC031": self.code = .objectionTooLate
        case "DC032": self.code = .consentGone
        case "DC040": self.code = .unknownStaff
        case "DC041": self.code = .staffMayNot
        case "DC042": self.code = .relatedToParty
        case "DC050": self.code = .caseClosed
        case "DC051": self.code = .unknownConsent
        case "DC052": self.code = .unknownAgency
        case "DC053": self.code = .clockChanged
        case "DC054": self.code = .alreadySo
        case "DC055": self.code = .notPossible
        case "DC056": self.code = .notAssessed
        case "23505":
            switch error.constraint {
            case "referral_live": self.code = .liveReferralExists
            case "referral_predecessor": self.code = .alreadyReplaced
            case "cases_number_key", "cases_receipt_hash_key", "referral_number_key": self.code = .numberTaken
            default: return nil
            }
        default: return nil
        }
        self.place = error.statement
    }

    public var description: String {
        let place = self.place.map { " (\($0))" } ?? ""
        return "casework: \(self.code)\(place)"
    }
}
