import Casework

extension OpenAPIActions {
    static let closing = [
        Action(
            path: "/v1/cases/{number}/call-backs", id: "recordCallBack",
            summary:
                "Somebody called her; a case is closed only after that. not_allowed needs a supervisor who has looked",
            required: ["result"],
            properties: [
                "result": OpenAPISchemas.words(CallBack.Result.self),
                "satisfaction": ["type": "integer", "minimum": 1, "maximum": 5],
            ]),
        Action(
            path: "/v1/cases/{number}/legal-holds", id: "setLegalHold",
            summary:
                "A supervisor holds the case beyond its time, or releases it; else nothing in it identifies anybody then",
            required: ["reason", "stands"],
            properties: ["reason": OpenAPISchemas.words(LegalHold.self), "stands": ["type": "boolean"]]),
        Action(
            path: "/v1/cases/{number}/closing", id: "closeCase",
            summary: "The owner closes the case; 409 names what stands in the way", required: ["outcome"],
            properties: ["outcome": OpenAPISchemas.words(Outcome.self)]),
        Action(
            path: "/v1/cases/{number}/referrals/{referral}/status", id: "changeReferral",
            summary: "The sender changes a referral; 409 names the statuses that are allowed", required: ["status"],
            properties: ["status": OpenAPISchemas.words(ReferralStatus.self)]),
        Action(
            path: "/v1/cases/{number}/milestones", id: "recordMilestone",
            summary: "Something that starts a time by law, such as an order in force until a day",
            required: ["kind", "on"],
            properties: ["kind": OpenAPISchemas.words(MilestoneKind.self), "on": Self.day, "until": Self.day]),
        Action(
            path: "/v1/cases/{number}/decisions", id: "decideDispute",
            summary: "The common superior names the responsible agency, which may not object any more",
            required: ["purpose", "agency"],
            properties: ["purpose": OpenAPISchemas.codes(Purpose.known), "agency": Self.agencyCode]),
    ]

    static let risk = [
        Action(
            path: "/v1/cases/{number}/assessments", id: "assessRisk",
            summary: "Answers of a danger screening; the level can only rise by them", required: ["occasion"],
            properties: [
                "occasion": OpenAPISchemas.words(RiskEvent.self),
                "items": OpenAPISchemas.list(OpenAPISchemas.words(RiskItem.self), most: RiskItem.allCases.count),
                "level": OpenAPISchemas.words(RiskLevel.self),
            ], answer: ["risk": OpenAPISchemas.words(RiskLevel.self)]),
        Action(
            path: "/v1/cases/{number}/risk-lowering", id: "proposeLowering",
            summary: "A first person proposes a lower level; nothing is lowered yet", required: ["level", "reason"],
            properties: [
                "level": OpenAPISchemas.words(RiskLevel.self),
                "withdrawing": OpenAPISchemas.list(OpenAPISchemas.words(RiskItem.self), most: RiskItem.allCases.count),
                "reason": OpenAPISchemas.words(RiskLoweringReason.self),
            ]),
        Action(
            path: "/v1/cases/{number}/risk-lowering/confirmation", id: "confirmLowering",
            summary: "A second, different person confirms within a day, and the level is lowered", required: [],
            properties: [:], answer: ["risk": OpenAPISchemas.words(RiskLevel.self)]),
        Action(
            path: "/v1/cases/{number}/triage-reading", id: "readTriage",
            summary: "What words of the narrative ask for, with the words; the reading is an event", required: [],
            properties: [:], answer: ["suggestions": ["type": "array", "items": ["type": "object"]]]),
        Action(
            path: "/v1/cases/{number}/triage-answers", id: "answerTriage",
            summary: "She was asked; a yes about a danger item is an assessment, a no takes nothing away",
            required: ["subject", "is_so"],
            properties: ["subject": ["type": "string", "maxLength": 80], "is_so": ["type": "boolean"]]),
    ]

    static let joint = [
        Action(
            path: "/v1/cases/{number}/parties", id: "joinAgency",
            summary: "An agency takes part; it must have a referral of the case that it took on", required: ["agency"],
            properties: ["agency": Self.agencyCode]),
        Action(
            path: "/v1/cases/{number}/parties/leaving", id: "leaveAgency",
            summary: "An agency leaves; its open tasks fall to the owner", required: ["agency"],
            properties: ["agency": Self.agencyCode]),
        Action(
            path: "/v1/cases/{number}/tasks", id: "giveTask",
            summary: "A task with a time, for an agency that takes part or for the owner",
            required: ["kind", "due_at"],
            properties: [
                "kind": OpenAPISchemas.words(JointTask.Kind.self), "agency": Self.agencyCode, "due_at": Self.instant,
            ], answer: ["id": ["type": "string"]]),
        Action(
            path: "/v1/cases/{number}/tasks/ending", id: "endTask", summary: "The owner ends a task as done or dropped",
            required: ["task", "status"],
            properties: ["task": ["type": "string", "format": "uuid"], "status": ["enum": ["done", "dropped"]]]),
        Action(
            path: "/v1/cases/{number}/conferences", id: "holdConference",
            summary: "A case conference with its minutes, which are kept encrypted", required: ["held_at", "minutes"],
            properties: [
                "held_at": Self.instant, "agencies": OpenAPISchemas.list(Self.agencyCode, most: 50),
                "minutes": OpenAPISchemas.text("In words.", most: ConferenceBody.minutesLimit),
            ], answer: ["id": ["type": "string"]]),
        Action(
            path: "/v1/cases/{number}/minutes-reading", id: "readMinutes",
            summary: "The minutes of a conference; the reading is an event", required: ["conference"],
            properties: ["conference": ["type": "string", "format": "uuid"]], answer: ["minutes": ["type": "string"]]),
        Action(
            path: "/v1/cases/{number}/assignments", id: "assignStaff",
            summary: "Those named, or the nearest who are trained, unrelated to a party and have room",
            required: ["role"],
            properties: [
                "role": ["enum": .list(StaffRole.allCases.filter(\.takesCases).map { .text($0.rawValue) })],
                "count": ["type": "integer", "minimum": 1, "maximum": 10],
                "trainings": OpenAPISchemas.list(["type": "string"], most: 10),
                "staff": OpenAPISchemas.list(Self.staff, most: 10),
            ],
            answer: [
                "assigned": ["type": "array", "items": ["type": "string"]],
                "missing": ["type": "integer", "description": "How many are still to be found."],
                "passed_over": ["type": "object", "description": "Who was passed over, and why."],
            ]),
    ]

    static let people = [
        Action(
            path: "/v1/cases/{number}/people-reading", id: "readPeople",
            summary: "The people of a case, for who serves it or has opened access; the reading is an event",
            required: [],
            properties: [:], answer: ["people": ["type": "array", "items": ["type": "object"]]]),
        Action(
            path: "/v1/cases/{number}/access", id: "openAccess",
            summary: "An hour of access with a reason, for somebody who does not serve the case; its owner is told",
            required: ["reason"], properties: ["reason": OpenAPISchemas.text("Kept encrypted.", most: 500)],
            answer: ["ends_at": Self.instant]),
        Action(
            path: "/v1/cases/{number}/matches-reading", id: "readMatches",
            summary: "Cases that have the number or address of a person of this one; never merged by themselves",
            required: [], properties: [:], answer: ["matches": ["type": "array", "items": ["type": "object"]]]),
        Action(
            path: "/v1/cases/{number}/links", id: "linkCases", summary: "What somebody found out about two cases",
            required: ["other", "relation"],
            properties: ["other": ["type": "string"], "relation": OpenAPISchemas.words(CaseRelation.self)]),
    ]

    static let relations: JSONTree = [
        "operationId": "relateStaff",
        "summary":
            "A member of staff is related to whoever has this number or address: cases of that person are not hers",
        "security": [["client_key": []]],
        "requestBody": [
            "required": true, "description": "Only a keyed index is kept.",
            "content": [
                "application/json": [
                    "schema": OpenAPISchemas.object(
                        required: ["by"],
                        ["by": Self.staff, "phone": ["type": "string"], "email": ["type": "string"]])
                ]
            ],
        ],
        "responses": [
            "204": ["description": "It is known."], "400": OpenAPIDocument.reference("BadRequest"),
            "401": OpenAPIDocument.reference("Unauthenticated"), "404": OpenAPIDocument.reference("NotFound"),
            "413": OpenAPIDocument.reference("TooLarge"), "415": OpenAPIDocument.reference("UnsupportedMediaType"),
            "422": OpenAPIDocument.reference("WrongFields"), "429": OpenAPIDocument.reference("TooManyRequests"),
            "503": OpenAPIDocument.reference("Unavailable"),
        ],
    ]
}
