import Casework
import Hummingbird
import ServiceKit

/// Which part of the agency's referrals is asked for: `?limit=50&after=R-7K2M-0QX9`. A page goes on after the last referral of the one
/// before it, so that what comes in meanwhile moves nothing.
struct ReferralPage: Sendable {
    static let range = 1...200
    static let usual = 50

    let limit: Int
    let after: ReferralNumber?

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
        guard errors.isEmpty else { throw HTTPProblem.validation(errors) }
    }
}
