import AgencyDoors
import PostgresClient
import ServiceKit

extension DoorResult {
    /// Nothing when it is done, the refusal's problem document else: 404 for what is not the agency's or does not exist, 409 for
    /// what is over.
    func check() throws {
        switch self {
        case .done: return
        case .notYours: throw HTTPProblem.notYours
        case .leaseLost: throw HTTPProblem.leaseLost
        case .referralState:
            throw HTTPProblem(
                .referralState, "It was withdrawn or answered. Hand the lease back or let it run out.")
        case .objectionTooLate: throw HTTPProblem.objectionTooLate
        case .unknownWord: throw HTTPProblem(.validationFailed)
        case .noPackage: throw HTTPProblem(.unavailable, retryAfter: .seconds(5))
        case .badText: throw HTTPProblem.validation([.clearText])
        case .unknownKey: throw HTTPProblem.unknownKey
        case .textQuota: throw HTTPProblem.textQuota
        }
    }
}

extension PostgresPool {
    /// Once more when it met another transaction and was rolled back whole.
    func retryingConflicts<Value>(_ body: () async throws -> Value) async throws -> Value {
        for _ in 0..<3 {
            do {
                return try await body()
            } catch let error as PostgresError where error.isConflict {
                continue
            }
        }
        return try await body()
    }
}

extension PostgresError {
    /// Two transactions met and this one was rolled back.
    var isConflict: Bool { self.sqlState == "40P01" || self.sqlState == "40001" }
}
