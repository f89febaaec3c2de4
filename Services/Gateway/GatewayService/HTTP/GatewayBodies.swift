import Casework
import ServiceKit

/// `POST /v1/leases`.
struct LeaseBody: KnownFields {
    static let fields: Set<String> = ["max", "wait_seconds", "lease_seconds"]
    static let maxRange = 1...20
    static let waitRange = 0...25

    var max: Int?
    var waitSeconds: Int?
    var leaseSeconds: Int?

    var fieldErrors: [FieldError] {
        [
            .range("max", self.max, Self.maxRange), .range("wait_seconds", self.waitSeconds, Self.waitRange),
            .range("lease_seconds", self.leaseSeconds, ExtendBody.leaseRange),
        ].compactMap { $0 }
    }
}

/// `POST /v1/leases/{lease}/extend`.
struct ExtendBody: KnownFields {
    static let fields: Set<String> = ["lease_seconds"]
    static let leaseRange = 30...900
    static let defaultLease = 120

    var leaseSeconds: Int?

    var fieldErrors: [FieldError] {
        [.range("lease_seconds", self.leaseSeconds, Self.leaseRange)].compactMap { $0 }
    }
}

/// `POST /v1/leases/{lease}/accept`.
struct AcceptBody: KnownFields {
    static let fields: Set<String> = ["text"]

    var text: TextBody?

    var fieldErrors: [FieldError] { [] }
}

/// Nothing to say.
struct EmptyBody: KnownFields {
    static let fields: Set<String> = []

    var fieldErrors: [FieldError] { [] }
}

/// `POST /v1/leases/{lease}/hand-back`.
struct HandBackBody: KnownFields {
    static let fields: Set<String> = ["delay_seconds"]
    static let delayRange = 0...3600

    var delaySeconds: Int?

    var fieldErrors: [FieldError] {
        [.range("delay_seconds", self.delaySeconds, Self.delayRange)].compactMap { $0 }
    }
}

/// `POST /v1/leases/{lease}/reject`.
struct RejectBody: KnownFields {
    static let fields: Set<String> = ["reason", "suggested_agency_kind", "text"]

    var reason: String?
    var suggestedAgencyKind: String?
    var text: TextBody?

    var fieldErrors: [FieldError] {
        [
            .code("reason", self.reason, of: RejectReason.self, isRequired: true),
            self.suggestedAgencyKind.flatMap { kind in
                AgencyKind.known.contains(AgencyKind(rawValue: kind)) ? nil : .unknownCode("suggested_agency_kind")
            },
        ].compactMap { $0 }
    }
}

/// `POST /v1/leases/{lease}/object`.
struct ObjectBody: KnownFields {
    static let fields: Set<String> = ["reason", "text"]

    var reason: String?
    var text: TextBody?

    var fieldErrors: [FieldError] {
        [.code("reason", self.reason, of: RejectReason.self, isRequired: true)].compactMap { $0 }
    }
}

/// `POST /v1/referrals/{number}/progress`.
struct ProgressBody: KnownFields {
    static let fields: Set<String> = ["status", "text"]
    static let statuses: [ReferralStatus] = [.scheduled, .inProgress, .onHold]

    var status: String?
    var text: TextBody?

    var fieldErrors: [FieldError] {
        [.word("status", self.status, of: Self.statuses.map(\.rawValue))].compactMap { $0 }
    }
}

/// `POST /v1/referrals/{number}/outcome`.
struct OutcomeBody: KnownFields {
    static let fields: Set<String> = ["status", "outcome", "text"]
    static let statuses: [ReferralStatus] = [.completed, .failed, .noShow]

    var status: String?
    var outcome: String?
    var text: TextBody?

    var fieldErrors: [FieldError] {
        [
            .word("status", self.status, of: Self.statuses.map(\.rawValue)),
            .code("outcome", self.outcome, of: Outcome.self, isRequired: true),
        ].compactMap { $0 }
    }
}

extension FieldError {
    static func range(_ name: String, _ value: Int?, _ range: ClosedRange<Int>) -> FieldError? {
        guard let value, !range.contains(value) else { return nil }
        return FieldError(
            field: "/\(name)", code: "out_of_range",
            message: "This must be a whole number from \(range.lowerBound) to \(range.upperBound).")
    }

    static func code<Word: RawRepresentable<String>>(
        _ name: String, _ value: String?, of type: Word.Type, isRequired: Bool
    ) -> FieldError? {
        guard let value else { return isRequired ? .required(name) : nil }
        return Word(rawValue: value) == nil ? .unknownCode(name) : nil
    }

    static func word(_ name: String, _ value: String?, of words: [String]) -> FieldError? {
        guard let value else { return .required(name) }
        guard !words.contains(value) else { return nil }
        return FieldError(
            field: "/\(name)", code: "unknown_code", message: "This must be one of: \(words.joined(separator: ", ")).")
    }

    static func required(_ name: String) -> FieldError {
        FieldError(field: "/\(name)", code: "required", message: "This field is required.")
    }

    static func unknownCode(_ name: String) -> FieldError {
        FieldError(
            field: "/\(name)", code: "unknown_code",
            message: "This must be one of the codes that GET /openapi.json lists for it.")
    }
}
