import AgencyDoors
import Casework
import ServiceKit

/// The schemas of the door. Ranges and codes come from what the code checks, so that they cannot differ from it.
enum APISchema {
    static func reference(_ name: String) -> JSONValue {
        ["$ref": .string("#/components/schemas/\(name)")]
    }

    static var components: [String: JSONValue] {
        [
            "LeaseRequest": self.object(
                [
                    "max": self.integer(LeaseBody.maxRange, default: 1),
                    "wait_seconds": self.integer(LeaseBody.waitRange, default: 0),
                    "lease_seconds": self.integer(ExtendBody.leaseRange, default: ExtendBody.defaultLease),
                ], isClosed: true),
            "ExtendRequest": self.object(
                ["lease_seconds": self.integer(ExtendBody.leaseRange, default: ExtendBody.defaultLease)],
                isClosed: true),
            "HandBackRequest": self.object(
                ["delay_seconds": self.integer(HandBackBody.delayRange, default: 0)], isClosed: true),
            "RejectRequest": self.object(
                [
                    "reason": self.reference("Reason"),
                    "suggested_agency_kind": self.codes(AgencyKind.known.map(\.rawValue)),
                    "text": self.reference("Text"),
                ], required: ["reason"], isClosed: true),
            "AcceptRequest": self.object(["text": self.reference("Text")], isClosed: true),
            "ObjectRequest": self.object(
                ["reason": self.reference("Reason"), "text": self.reference("Text")], required: ["reason"],
                isClosed: true),
            "ProgressRequest": self.object(
                [
                    "status": self.codes(ProgressBody.statuses.map(\.rawValue)), "text": self.reference("Text"),
                ], required: ["status"], isClosed: true),
            "OutcomeRequest": self.object(
                [
                    "status": self.codes(OutcomeBody.statuses.map(\.rawValue)),
                    "outcome": self.codes(Outcome.allCases.map(\.rawValue)), "text": self.reference("Text"),
                ], required: ["status", "outcome"], isClosed: true),
            "DeskLeaseRequest": self.object(
                [
                    "max": self.integer(LeaseBody.maxRange, default: LeaseBody.maxRange.upperBound),
                    "lease_seconds": self.integer(
                        ExtendBody.leaseRange, default: ExtendBody.leaseRange.upperBound),
                ], isClosed: true),
            "DeskPackageRequest": self.object(
                ["by": self.reference("Staff"), "reason": self.codes(DeskReading.allCases.map(\.rawValue))],
                required: ["by", "reason"], isClosed: true),
            "DeskAnswerRequest": self.object(
                [
                    "by": self.reference("Staff"), "answer": self.codes(DeskAnswerBody.answers),
                    "reason": self.reference("Reason"),
                    "suggested_agency_kind": self.codes(AgencyKind.known.map(\.rawValue)),
                    "text": self.reference("Text"),
                ], required: ["by", "answer"], isClosed: true),
            "DeskReportRequest": self.object(
                [
                    "by": self.reference("Staff"),
                    "status": self.codes(DeskReportBody.statuses.map(\.rawValue)),
                    "outcome": self.codes(Outcome.allCases.map(\.rawValue)), "text": self.reference("Text"),
                ], required: ["by", "status"], isClosed: true),
            "Staff": [
                "type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9-]{0,30}[A-Za-z0-9]$",
                "description": "Who acts: the agency's own id of a member of staff, and no name.",
            ],
            "Reason": self.codes(RejectReason.allCases.map(\.rawValue)),
            "Status": self.codes(ReferralStatus.allCases.map(\.rawValue)),
            "Purpose": ["type": "string", "description": "What the agency is asked to do, as a code."],
            "Tier": self.codes(DivisionLevel.allCases.map(\.rawValue)),
            "Instant": ["type": "string", "format": "date-time"],
            "ReferralNumber": ["type": "string", "pattern": "^R-[0-9A-Z]{4}-[0-9A-Z]{4}$"],
        ].merging(self.answers) { $1 }.merging(self.desk) { $1 }.merging(self.texts) { $1 }
    }

    private static var desk: [String: JSONValue] {
        [
            "DeskCounts": self.object(
                [
                    "counts": [
                        "type": "array",
                        "items": self.object(
                            [
                                "status": self.reference("Status"), "referrals": ["type": "integer", "minimum": 0],
                                "overdue": ["type": "integer", "minimum": 0],
                            ], required: ["status", "referrals", "overdue"]),
                    ]
                ], required: ["counts"]),
            "DeskLeases": self.object(
                [
                    "leases": [
                        "type": "array",
                        "items": self.object(
                            [
                                "lease": ["type": "string"], "expires_at": self.reference("Instant"),
                                "attempt": ["type": "integer", "minimum": 1],
                                "referral": self.reference("LeasedReferral"),
                            ], required: ["lease", "expires_at", "attempt", "referral"]),
                    ]
                ], required: ["leases"]),
            "DeskPackage": self.object(
                [
                    "package": self.reference("Package"),
                    "fields": ["type": "array", "items": ["type": "string"]], "checkpoint": ["type": "string"],
                ], required: ["package", "fields"]),
            "DeskView": self.object(
                [
                    "referral": self.reference("Referral"),
                    "acts": [
                        "type": "array",
                        "items": self.object(
                            [
                                "act": ["type": "string"], "by": self.reference("Staff"), "reason": ["type": "string"],
                                "at": self.reference("Instant"),
                            ], required: ["act", "by", "at"]),
                    ],
                    "texts": [
                        "type": "array",
                        "items": self.object(
                            [
                                "status": self.reference("Status"), "by": self.reference("Staff"),
                                "at": self.reference("Instant"), "bytes": ["type": "integer", "minimum": 0],
                                "attachments": ["type": "integer", "minimum": 0],
                            ], required: ["status", "at", "bytes", "attachments"]),
                    ],
                ], required: ["referral", "acts", "texts"]),
        ]
    }

    private static var answers: [String: JSONValue] {
        [
            "Tasks": self.object(
                [
                    "tasks": [
                        "type": "array",
                        "items": self.object(
                            [
                                "id": ["type": "string", "format": "uuid"],
                                "kind": self.codes(JointTask.Kind.allCases.map(\.rawValue)),
                                "due_at": self.reference("Instant"), "referral": self.reference("ReferralNumber"),
                            ], required: ["id", "kind", "due_at"]),
                    ]
                ], required: ["tasks"]),
            "TaskState": self.object(
                [
                    "id": ["type": "string", "format": "uuid"],
                    "status": self.codes(JointTask.Status.allCases.map(\.rawValue)),
                ], required: ["id", "status"]),
            "Leases": self.object(
                ["leases": ["type": "array", "items": self.reference("Lease")]], required: ["leases"]),
            "Lease": self.object(
                [
                    "lease": ["type": "string"], "expires_at": self.reference("Instant"),
                    "attempt": ["type": "integer", "minimum": 1],
                    "referral": self.reference("LeasedReferral"), "package": self.reference("Package"),
                    "checkpoint": [
                        "type": "string",
                        "description":
                            "The ledger's latest signed checkpoint (C2SP tlog-checkpoint), to be kept: proofs shown later have to agree with it.",
                    ],
                ], required: ["lease", "expires_at", "attempt", "referral", "package"]),
            "LeasedReferral": self.object(
                [
                    "number": self.reference("ReferralNumber"), "purpose": self.reference("Purpose"),
                    "legal_basis": ["type": "string"], "status": self.reference("Status"),
                    "answer_due_at": self.reference("Instant"), "tier": self.reference("Tier"),
                ], required: ["number", "purpose", "legal_basis", "status", "tier"]),
            "Package": self.object(
                [
                    "format": ["type": "string", "const": .string(LeaseAnswer.Package.format)],
                    "sealed": ["type": "string", "contentEncoding": "base64", "description": .string(self.sealing)],
                    "referral_id": ["type": "string", "format": "uuid"],
                    "agency_id": ["type": "string", "format": "uuid"],
                    "profile": ["type": "string"],
                ], required: ["format", "sealed", "referral_id", "agency_id", "profile"]),
            "ExtendedLease": self.object(["expires_at": self.reference("Instant")], required: ["expires_at"]),
            "ReferralState": self.object(
                ["number": self.reference("ReferralNumber"), "status": self.reference("Status")],
                required: ["number", "status"]),
            "Referrals": self.object(
                [
                    "referrals": ["type": "array", "items": self.reference("Referral")],
                    "next": self.reference("ReferralNumber"),
                ], required: ["referrals"]),
            "Referral": self.object(
                [
                    "number": self.reference("ReferralNumber"), "purpose": self.reference("Purpose"),
                    "status": self.reference("Status"), "legal_basis": ["type": "string"],
                    "tier": self.reference("Tier"), "requested_at": self.reference("Instant"),
                    "received_at": self.reference("Instant"), "answered_at": self.reference("Instant"),
                    "settled_at": self.reference("Instant"), "reason": self.reference("Reason"),
                    "outcome": self.codes(Outcome.allCases.map(\.rawValue)),
                    "answer_due_at": self.reference("Instant"), "outcome_due_at": self.reference("Instant"),
                ], required: ["number", "purpose", "status", "legal_basis", "tier", "requested_at"]),
            "Problem": self.object(
                [
                    "type": ["type": "string"], "title": ["type": "string"], "status": ["type": "integer"],
                    "detail": ["type": "string"], "instance": ["type": "string"],
                    "errors": [
                        "type": "array",
                        "items": self.object(
                            [
                                "field": ["type": "string"], "code": ["type": "string"],
                                "message": ["type": "string"],
                            ], required: ["field", "code", "message"]),
                    ],
                ], required: ["type", "title", "status"]),
        ]
    }

    private static let sealing = """
        HPKE (RFC 9180), base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305: one version byte (1), 32 \
        bytes of encapsulated key, ciphertext with its tag. info is dandelion.package.1, referral_id, agency_id and \
        profile, joined by line feeds; aad is the version byte. The plaintext is JSON, which may end in spaces.
        """

    /// The problems of each status, RFC 9457.
    static var responses: [String: JSONValue] {
        [
            "400": self.problem("The body is not JSON, or a field has the wrong type."),
            "401": self.problem("No key, or one that is not known."),
            "403": self.problem("The key is good for other things (\(ProblemType.outsideScope.uriPath))."),
            "404": self.problem("Not there, or another agency's."),
            "409": self.problem(
                "The lease is over (\(ProblemType.leaseLost.uriPath)), or the referral's status does not allow it "
                    + "(\(ProblemType.referralState.uriPath))."),
            "413": self.problem("The body is too large."),
            "415": self.problem("The body is not declared as JSON."),
            "422": self.problem("A value is out of range, not a known code, or in a field that is not known."),
            "429": self.problem("Too many requests or waiting polls; Retry-After says when to come back."),
            "503": self.problem("Away for now; nothing was changed, or the same call may simply be repeated."),
        ]
    }

    static var headers: [String: JSONValue] {
        [
            "ETag": ["schema": ["type": "string"], "description": "Names this answer, for If-None-Match."],
            "RateLimit-Policy": [
                "schema": ["type": "string"],
                "description": "How many requests the agency may make at once, \"agency\";q=N (IETF httpapi draft).",
            ],
            "RateLimit": [
                "schema": ["type": "string"],
                "description": "How many are left, and in how many seconds all are back: \"agency\";r=N;t=S.",
            ],
        ]
    }

    private static func problem(_ description: String) -> JSONValue {
        [
            "description": .string(description),
            "content": ["application/problem+json": ["schema": self.reference("Problem")]],
        ]
    }

    static func object(
        _ properties: [String: JSONValue], required: [String] = [], isClosed: Bool = false
    ) -> JSONValue {
        var fields: [String: JSONValue] = ["type": "object", "properties": .object(properties)]
        if !required.isEmpty { fields["required"] = .array(required.map(JSONValue.string)) }
        if isClosed { fields["additionalProperties"] = false }
        return .object(fields)
    }

    private static func integer(_ range: ClosedRange<Int>, default value: Int) -> JSONValue {
        [
            "type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound),
            "default": .integer(value),
        ]
    }

    static func codes(_ words: [String]) -> JSONValue {
        ["type": "string", "enum": .array(words.map(JSONValue.string))]
    }
}
