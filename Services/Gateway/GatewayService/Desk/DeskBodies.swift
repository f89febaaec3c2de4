import AgencyDoors
import Casework
import ServiceKit

/// `POST /v1/desk/leases`.
struct DeskLeaseBody: KnownFields {
    static let fields: Set<String> = ["max", "lease_seconds"]

    var max: Int?
    var leaseSeconds: Int?

    var fieldErrors: [FieldError] {
        [
            .range("max", self.max, LeaseBody.maxRange),
            .range("lease_seconds", self.leaseSeconds, ExtendBody.leaseRange),
        ].compactMap { $0 }
    }
}

/// `POST /v1/desk/leases/{lease}/package`.
struct DeskPackageBody: KnownFields {
    static let fields: Set<String> = ["by", "reason"]

    var by: String?
    var reason: String?

    var fieldErrors: [FieldError] {
        [.staff(self.by), .code("reason", self.reason, of: DeskReading.self, isRequired: true)].compactMap { $0 }
    }
}

/// `POST /v1/desk/leases/{lease}/answer`.
struct DeskAnswerBody: KnownFields {
    static let fields: Set<String> = ["by", "answer", "reason", "suggested_agency_kind", "text"]
    static let answers = ["accept", "reject", "object"]

    var by: String?
    var answer: String?
    var reason: String?
    var suggestedAgencyKind: String?
    var text: TextBody?

    var fieldErrors: [FieldError] {
        [
            .staff(self.by), .word("answer", self.answer, of: Self.answers),
            .code("reason", self.reason, of: RejectReason.self, isRequired: self.answer != "accept"),
            self.suggestedAgencyKind.flatMap { kind in
                AgencyKind.known.contains(AgencyKind(rawValue: kind)) ? nil : .unknownCode("suggested_agency_kind")
            },
        ].compactMap { $0 }
    }
}

/// `POST /v1/desk/referrals/{number}/report`.
struct DeskReportBody: KnownFields {
    static let fields: Set<String> = ["by", "status", "outcome", "text"]
    static let statuses = ProgressBody.statuses + OutcomeBody.statuses

    var by: String?
    var status: String?
    var outcome: String?
    var text: TextBody?

    private var ends: Bool { OutcomeBody.statuses.contains { $0.rawValue == self.status } }

    var fieldErrors: [FieldError] {
        [
            .staff(self.by), .word("status", self.status, of: Self.statuses.map(\.rawValue)),
            .code("outcome", self.outcome, of: Outcome.self, isRequired: self.ends),
            self.outcome != nil && !self.ends
                ? FieldError(
                    field: "/outcome", code: "not_allowed", message: "Only what ends a referral has an outcome.")
                : nil,
        ].compactMap { $0 }
    }
}

extension FieldError {
    /// Who acts at the desk: an opaque id.
    static func staff(_ value: String?) -> FieldError? {
        guard let value else { return .required("by") }
        guard !StaffID(rawValue: value).isWellFormed else { return nil }
        return FieldError(
            field: "/by", code: "invalid_value",
            message: "This must be the id of a member of staff: 2 to 32 letters, digits and hyphens, and no name.")
    }
}
