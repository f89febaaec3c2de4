import Casework

/// The part of the description that is about what staff record on a case.
enum OpenAPIActions {
    /// One thing staff can record: a POST with a body that names under `by` who answers for it.
    struct Action {
        let path: String
        let id: String
        let summary: String
        let required: [String]
        let properties: [String: JSONTree]
        /// What the answer holds beside the case's number.
        var answer: [String: JSONTree] = [:]
    }

    static let all: [Action] = Self.consent + [Self.override] + Self.closing + Self.risk + Self.joint + Self.people

    static var paths: [String: JSONTree] {
        var paths: [String: JSONTree] = [:]
        for action in Self.all { paths[action.path] = ["post": Self.post(action)] }
        paths["/v1/staff/relations"] = ["post": Self.relations]
        for (path, reading) in Self.readings {
            guard case .object(var methods)? = paths[path] ?? .object([:]) else { continue }
            methods["get"] = reading
            paths[path] = .object(methods)
        }
        return paths
    }

    static var schemas: [String: JSONTree] {
        Dictionary(
            uniqueKeysWithValues: Self.all.map { action in
                (
                    Self.schemaName(action),
                    OpenAPISchemas.object(
                        required: ["by"] + action.required,
                        action.properties.merging(["by": Self.staff]) { first, _ in first })
                )
            })
    }

    static let staff: JSONTree = [
        "type": "string", "minLength": 2, "maxLength": 32,
        "description": "The id of the member of staff who answers for it.",
    ]
    static let agencyCode: JSONTree = ["type": "string", "pattern": "^[a-z0-9][a-z0-9-]{1,78}[a-z0-9]$"]
    static let instant: JSONTree = ["type": "string", "format": "date-time"]
    static let day: JSONTree = ["type": "string", "format": "date"]

    private static let consent = [
        Action(
            path: "/v1/cases/{number}/consents", id: "recordConsent",
            summary: "Record her answer about one purpose; it supersedes the earlier answer to the same question",
            required: ["agency_kinds", "purpose", "granted"],
            properties: [
                "agency_kinds": OpenAPISchemas.list(
                    ["type": "string", "pattern": "^[a-z][a-z0-9_]*$"], least: 1, most: 20),
                "agencies": OpenAPISchemas.list(Self.agencyCode, least: 1, most: 50),
                "purpose": OpenAPISchemas.codes(Purpose.known), "granted": ["type": "boolean"],
                "given_by": OpenAPISchemas.words(ConsentGiver.self),
                "data_kinds": OpenAPISchemas.list(
                    OpenAPISchemas.words(ConsentDataKind.self), most: ConsentDataKind.allCases.count),
                "expires_at": ["type": "string", "description": "A day, or a time with its offset."],
            ],
            answer: ["revoked": ["type": "integer", "description": "Referrals that lost the consent they rested on."]]),
        Action(
            path: "/v1/cases/{number}/consent-withdrawals", id: "withdrawConsent",
            summary: "She takes consent back: of a purpose, a kind of agency, one agency, or all of it", required: [],
            properties: [
                "agency_kind": ["type": "string"], "agency": Self.agencyCode,
                "purpose": OpenAPISchemas.codes(Purpose.known),
            ],
            answer: ["revoked": ["type": "integer", "description": "Referrals that lost the consent they rested on."]]),
    ]

    static let override = Action(
        path: "/v1/cases/{number}/overrides", id: "overrideConsent",
        summary:
            "A disclosure without her consent that staff answer for, on an article of the law; a supervisor is told",
        required: ["supervisor", "agency_kind", "purpose", "basis", "article"],
        properties: [
            "supervisor": Self.staff, "agency_kind": ["type": "string"],
            "purpose": OpenAPISchemas.codes(Purpose.known), "basis": ["enum": ["emergency", "statutory_duty"]],
            "article": ["type": "string", "maxLength": 200],
        ])

    private static let readings: [String: JSONTree] = [
        "/v1/cases/{number}/consents": Self.get(
            "listConsents", "What she agreed to and refused, as it stands", ["consents"]),
        "/v1/cases/{number}/board": Self.get(
            "readBoard",
            "Who takes part in the case, the task board, conferences without their minutes, and who works on it",
            ["parties", "tasks", "conferences", "assignees"]),
    ]

    // MARK: - Forms

    private static func schemaName(_ action: Action) -> String {
        action.id.prefix(1).uppercased() + action.id.dropFirst()
    }

    private static func parameters(_ path: String) -> [JSONTree] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { part in
            let name = String(part.dropFirst().dropLast())
            return [
                "name": .text(name), "in": "path", "required": true,
                "schema": ["type": "string", "examples": [name == "number" ? "C-7K2M-0QX9" : "R-7K2M-0QX9"]],
            ]
        }
    }

    private static func post(_ action: Action) -> JSONTree {
        [
            "operationId": .text(action.id), "summary": .text(action.summary), "security": [["client_key": []]],
            "parameters": .list(
                Self.parameters(action.path) + [
                    [
                        "name": "Idempotency-Key", "in": "header", "required": false,
                        "description":
                            "With it a repeated request takes effect once; the repeat is answered with the number alone.",
                        "schema": ["type": "string", "minLength": 1, "maxLength": 200],
                    ]
                ]),
            "requestBody": [
                "required": true, "description": "At most 256 KiB.",
                "content": [
                    "application/json": ["schema": ["$ref": .text("#/components/schemas/\(Self.schemaName(action))")]]
                ],
            ],
            "responses": [
                "200": [
                    "description": "It is recorded and durable.",
                    "content": [
                        "application/json": [
                            "schema": [
                                "type": "object", "required": ["number"],
                                "properties": .object(
                                    action.answer.merging(["number": ["type": "string"]]) { first, _ in first }),
                            ]
                        ]
                    ],
                ],
                "400": OpenAPIDocument.reference("BadRequest"), "401": OpenAPIDocument.reference("Unauthenticated"),
                "403": OpenAPIDocument.reference("StaffMayNot"), "404": OpenAPIDocument.reference("NotFound"),
                "409": OpenAPIDocument.reference("CaseState"), "413": OpenAPIDocument.reference("TooLarge"),
                "415": OpenAPIDocument.reference("UnsupportedMediaType"),
                "422": OpenAPIDocument.reference("WrongFields"), "429": OpenAPIDocument.reference("TooManyRequests"),
                "503": OpenAPIDocument.reference("Unavailable"),
            ],
        ]
    }

    private static func get(_ id: String, _ summary: String, _ lists: [String]) -> JSONTree {
        [
            "operationId": .text(id), "summary": .text(summary), "security": [["client_key": []]],
            "parameters": .list(Self.parameters("/{number}")),
            "responses": [
                "200": [
                    "description": "No personal data.",
                    "content": [
                        "application/json": [
                            "schema": [
                                "type": "object", "required": .list(lists.map(JSONTree.text)),
                                "properties": .object(
                                    Dictionary(
                                        uniqueKeysWithValues: lists.map {
                                            ($0, ["type": "array", "items": ["type": "object"]] as JSONTree)
                                        })),
                            ]
                        ]
                    ],
                ],
                "401": OpenAPIDocument.reference("Unauthenticated"), "404": OpenAPIDocument.reference("NotFound"),
                "429": OpenAPIDocument.reference("TooManyRequests"), "503": OpenAPIDocument.reference("Unavailable"),
            ],
        ]
    }
}
