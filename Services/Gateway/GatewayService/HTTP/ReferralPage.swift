import Casework
import Hummingbird
import ServiceKit

/// Which part of the agency's referrals is asked for: `?limit=50&after=R-7K2M-0QX9&status=received,accepted&purpose=legal_aid`. A page goes on after the last referral of the one
/// before it, so that what comes in meanwhile moves nothing.
struct ReferralPage: Sendable {
    static let range = 1...200
    static let usual = 50

    let limit: Int
    let after: ReferralNumber?
    /// Any of them; all when it is empty.
    let statuses: [ReferralStatus]
    let purpose: Purpose?

    /// - Throws: `HTTPProblem` 422.
    init(of request: Request) throws {
        let query = request.uri.queryParameters
        var errors: [FieldError] = []
        self.limit = query["limit"].map { Int($0) ?? 0 } ?? Self.usual
        if !Self.range.contains(self.limit) {
            errors.append(
                FieldError(
                    field: "?limit", code: "out_of_range",
                    message: "This must be a whole number from \(Self.range.lowerBound) to \(Self.range.upperBound)."))
        }
        self.after = query["after"].flatMap { ReferralNumber.parse(String($0)) }
        if self.after == nil, query["after"] != nil {
            errors.append(
                FieldError(
                    field: "?after", code: "invalid_value",
                    message: "This must be the number of a referral, as next gave it.")
            )
        }
        let words = query["status"].map { $0.split(separator: ",").map(String.init) } ?? []
        self.statuses = words.compactMap(ReferralStatus.init(rawValue:))
        if query["status"] != nil, self.statuses.isEmpty || self.statuses.count != words.count {
            errors.append(
                FieldError(
                    field: "?status", code: "unknown_code",
                    message: "These must be statuses that GET /openapi.json lists, with commas between them."))
        }
        self.purpose = query["purpose"].map { Purpose(rawValue: String($0)) }
        if let purpose = self.purpose, !Purpose.known.contains(purpose) {
            errors.append(
                FieldError(field: "?purpose", code: "unknown_code", message: "This must be the code of a purpose."))
        }
        guard errors.isEmpty else { throw HTTPProblem.validation(errors) }
    }
}
