import CaseworkStore
import HTTPTypes

extension GatewayOperation {
    /// The operation object.
    var described: JSONValue {
        var fields: [String: JSONValue] = [
            "operationId": .string(self.rawValue),
            "summary": .string(self.summary),
            "responses": .object(self.responses),
        ]
        if !self.needsKey { fields["security"] = [] }
        let description = [self.details, self.scope.map { "Needs a key with the scope \($0.rawValue)." }]
        if !description.compactMap(\.self).isEmpty {
            fields["description"] = .string(description.compactMap(\.self).joined(separator: " "))
        }
        if let schema = self.requestSchema {
            fields["requestBody"] = [
                "required": .boolean(self.requiresBody),
                "content": ["application/json": ["schema": APISchema.reference(schema)]],
            ]
        }
        if !self.parameters.isEmpty { fields["parameters"] = .array(self.parameters) }
        return .object(fields)
    }

    private var summary: String {
        switch self {
        case .lease: "Lease hand-overs, waiting for the first if asked to"
        case .extendLease: "Make a lease longer"
        case .acceptHandOver: "Take the referral on"
        case .rejectHandOver: "Refuse the referral, with a reason"
        case .objectToHandOver: "Say that the referral was sent wrongly"
        case .handBack: "Give the hand-over back unanswered"
        case .listReferrals: "The agency's referrals, newest first"
        case .readReferral: "One referral"
        case .reportProgress: "Report how far an accepted referral is"
        case .reportOutcome: "Report how an accepted referral ended"
        case .listTasks: "What the agency has to do in joint handling, soonest first"
        case .finishTask: "One of the agency's tasks is done"
        case .countAtDesk: "How many referrals are in each state that is not over"
        case .leaseToDesk: "Put waiting hand-overs on the desk, without their packages"
        case .readAtDesk: "Open the package of a lease for somebody, with the reason"
        case .answerAtDesk: "Accept, reject or object, in somebody's name"
        case .reportAtDesk: "Report on an accepted referral, in somebody's name"
        case .viewAtDesk: "One referral without its package, and who did what with it"
        case .readNetworkKey: "The network's key, to which texts are sealed"
        case .readOpenAPI: "This document"
        }
    }

    private var details: String? {
        switch self {
        case .lease:
            """
            Each package is on the record of the disclosure ledger before it is sent. An empty list means that nothing \
            came in time, or that the gateway is going away: ask again.
            """
        case .extendLease: "The lease then lasts lease_seconds from now; it is never made shorter."
        case .acceptHandOver: "Ends the lease. Repeating it with the lease that accepted answers 200 again."
        case .rejectHandOver: "Ends the lease; the case goes back to routing at once."
        case .objectToHandOver: "Ends the lease; the common superior decides. Possible within 5 working days."
        case .handBack: "Any consumer of the agency may lease it again after the delay."
        case .reportProgress, .reportOutcome: "Repeating a report that was taken answers 200 again."
        case .listTasks: "The agency sees its own open tasks, and nothing else of the case's board."
        case .finishTask: "Repeating it answers 200 again."
        case .leaseToDesk:
            "For an inbox page: ids and words. Nothing is disclosed by it. Extend and hand back as any other lease."
        case .readAtDesk:
            "Who reads and why is on the record, in the disclosure ledger, too, before the package is sent."
        case .answerAtDesk, .reportAtDesk: "Repeating it answers 200 again, where the answer was taken."
        case .readNetworkKey:
            """
            Its signature says whether it is the network's: verify it with the onboarding key that the network gave you. 404 \
            while there is none, and no text is taken.
            """
        case .listReferrals, .readReferral, .countAtDesk, .viewAtDesk, .readOpenAPI: nil
        }
    }

    private var requestSchema: String? {
        switch self {
        case .lease: "LeaseRequest"
        case .extendLease: "ExtendRequest"
        case .acceptHandOver: "AcceptRequest"
        case .rejectHandOver: "RejectRequest"
        case .objectToHandOver: "ObjectRequest"
        case .handBack: "HandBackRequest"
        case .reportProgress: "ProgressRequest"
        case .reportOutcome: "OutcomeRequest"
        case .leaseToDesk: "DeskLeaseRequest"
        case .readAtDesk: "DeskPackageRequest"
        case .answerAtDesk: "DeskAnswerRequest"
        case .reportAtDesk: "DeskReportRequest"
        case .listReferrals, .readReferral, .listTasks, .finishTask, .countAtDesk, .viewAtDesk, .readNetworkKey,
            .readOpenAPI:
            nil
        }
    }

    private var requiresBody: Bool {
        switch self {
        case .rejectHandOver, .objectToHandOver, .reportProgress, .reportOutcome, .readAtDesk, .answerAtDesk,
            .reportAtDesk:
            true
        default: false
        }
    }

    private var responseSchema: JSONValue {
        switch self {
        case .lease: APISchema.reference("Leases")
        case .extendLease: APISchema.reference("ExtendedLease")
        case .acceptHandOver, .rejectHandOver, .objectToHandOver, .reportProgress, .reportOutcome, .answerAtDesk,
            .reportAtDesk:
            APISchema.reference("ReferralState")
        case .countAtDesk: APISchema.reference("DeskCounts")
        case .leaseToDesk: APISchema.reference("DeskLeases")
        case .readAtDesk: APISchema.reference("DeskPackage")
        case .viewAtDesk: APISchema.reference("DeskView")
        case .handBack: ["type": "object"]
        case .listReferrals: APISchema.reference("Referrals")
        case .readReferral: APISchema.reference("Referral")
        case .listTasks: APISchema.reference("Tasks")
        case .finishTask: APISchema.reference("TaskState")
        case .readNetworkKey: APISchema.reference("NetworkKey")
        case .readOpenAPI: ["type": "object"]
        }
    }

    private var parameters: [JSONValue] {
        var parameters: [JSONValue] = []
        if self.path.contains("{lease}") {
            parameters.append([
                "name": "lease", "in": "path", "required": true, "schema": ["type": "string"],
                "description": "The lease as it was given; one opaque word.",
            ])
        }
        if self.path.contains("{number}") {
            parameters.append([
                "name": "number", "in": "path", "required": true, "schema": APISchema.reference("ReferralNumber"),
            ])
        }
        if self.path.contains("{task}") {
            parameters.append([
                "name": "task", "in": "path", "required": true, "schema": ["type": "string", "format": "uuid"],
            ])
        }
        if self == .listReferrals {
            parameters.append([
                "name": "limit", "in": "query", "required": false,
                "schema": [
                    "type": "integer", "minimum": .integer(ReferralPage.range.lowerBound),
                    "maximum": .integer(ReferralPage.range.upperBound), "default": .integer(ReferralPage.usual),
                ],
            ])
            parameters.append([
                "name": "after", "in": "query", "required": false, "schema": APISchema.reference("ReferralNumber"),
                "description": "What next was in the page before.",
            ])
            parameters.append([
                "name": "status", "in": "query", "required": false, "explode": false,
                "schema": ["type": "array", "items": APISchema.reference("Status")],
                "description": "Only those in one of these states, with commas between them.",
            ])
            parameters.append([
                "name": "purpose", "in": "query", "required": false, "schema": APISchema.reference("Purpose"),
            ])
        }
        if self.takesIdempotencyKey {
            parameters.append([
                "name": "Idempotency-Key", "in": "header", "required": false,
                "schema": ["type": "string", "minLength": 1, "maxLength": 200],
                "description": """
                Makes a repeat one request: for a day it is answered as the first was. Another request under the \
                same key: 422.
                """,
            ])
        }
        if self.method == .get, self.needsKey {
            parameters.append([
                "name": "If-None-Match", "in": "header", "required": false, "schema": ["type": "string"],
                "description": "The ETag of an earlier answer: 304 when it still holds.",
            ])
        }
        return parameters
    }

    private var responses: [String: JSONValue] {
        var responses: [String: JSONValue] = [
            "200": [
                "description": .string(self.summary),
                "headers": .object(self.responseHeaders),
                "content": ["application/json": ["schema": self.responseSchema]],
            ]
        ]
        if self.method == .get, self.needsKey { responses["304"] = ["description": "What the client has still holds."] }
        for status in self.problemStatuses {
            responses[status] = ["$ref": .string("#/components/responses/\(status)")]
        }
        return responses
    }

    private var responseHeaders: [String: JSONValue] {
        guard self.needsKey else { return [:] }
        var headers: [String: JSONValue] = [
            "RateLimit-Policy": ["$ref": "#/components/headers/RateLimit-Policy"],
            "RateLimit": ["$ref": "#/components/headers/RateLimit"],
        ]
        if self.method == .get { headers["ETag"] = ["$ref": "#/components/headers/ETag"] }
        return headers
    }

    private var problemStatuses: [String] {
        guard self.needsKey else { return [] }
        var statuses = ["401", "403", "429", "503"]
        if self.method == .post { statuses += ["400", "413", "415", "422"] }
        if self == .listReferrals { statuses += ["422"] }
        if !self.path.hasSuffix("leases"), ![.listReferrals, .listTasks, .countAtDesk].contains(self) {
            statuses += ["404"]
        }
        if self.method == .post, ![.lease, .leaseToDesk, .finishTask].contains(self) { statuses += ["409"] }
        return statuses
    }
}
