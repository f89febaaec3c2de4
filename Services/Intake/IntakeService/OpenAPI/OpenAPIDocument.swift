import Casework

/// The description of intake's door in OpenAPI 3.1, made from the same vocabularies the door reads with.
enum OpenAPIDocument {
    /// The whole document.
    static let tree: JSONTree = [
        "openapi": "3.1.0",
        "info": [
            "title": "Dandelion intake",
            "version": "1",
            "description": """
            Takes requests for help and opens cases. A request that was answered 201 is never lost; repeat one whose \
            answer you did not receive with the same Idempotency-Key, and it takes effect once. Every answer that is \
            not a success is a problem document (RFC 9457) that names the cause and the remedy and never repeats a \
            value.
            """,
        ],
        "servers": [["url": "/"]],
        "paths": .object(Self.paths.merging(OpenAPIActions.paths) { first, _ in first }),
        "components": [
            "securitySchemes": [
                "client_key": [
                    "type": "http", "scheme": "bearer",
                    "description": "The client's key, dik_…; it has channels, a division and a rate.",
                ]
            ],
            "schemas": .object(OpenAPISchemas.all.merging(OpenAPIActions.schemas) { first, _ in first }),
            "responses": .object(Self.problems),
        ],
    ]

    private static let paths: [String: JSONTree] = [
        "/v1/requests": ["post": Self.postRequest],
        "/v1/cases/{number}": ["get": Self.getCase],
        "/v1/cases/{number}/contact/stop": ["post": Self.stopContact],
        "/v1/receipts/{receipt}": ["get": Self.getReceipt],
        "/openapi.json": [
            "get": [
                "operationId": "describe", "summary": "This document", "security": [],
                "responses": ["200": ["description": "OpenAPI 3.1", "content": ["application/json": [:]]]],
            ]
        ],
    ]

    private static let stopContact: JSONTree = [
        "operationId": "stopContact",
        "summary": "She wants no more contact: what waits for her is cleared, and nothing is sent any more",
        "description": """
        For clients with the right to read the case. Once it has answered, nothing more is handed to a provider until she \
        is asked again. Each message that was cleared is a task for the station. Repeating it changes nothing.
        """,
        "security": [["client_key": []]],
        "parameters": [
            [
                "name": "number", "in": "path", "required": true,
                "schema": ["type": "string", "examples": ["C-7K2M-0QX9"]],
            ]
        ],
        "responses": [
            "200": [
                "description": "How many messages were cleared.",
                "content": [
                    "application/json": [
                        "schema": [
                            "type": "object", "required": ["cleared"], "properties": ["cleared": ["type": "integer"]],
                        ]
                    ]
                ],
            ],
            "401": Self.reference("Unauthenticated"), "404": Self.reference("NotFound"),
            "429": Self.reference("TooManyRequests"), "503": Self.reference("Unavailable"),
        ],
    ]

    private static let postRequest: JSONTree = [
        "operationId": "openCase",
        "summary": "Send a request for help",
        "security": [["client_key": []]],
        "parameters": [
            [
                "name": "Idempotency-Key", "in": "header", "required": false,
                "description": """
                Any value that is new for each request and says nothing about anybody, such as a UUID. The same key \
                with the same body gives the same answer again; with another body, 422. A key is known for 30 days \
                unless the operators chose another time; after that it opens another case.
                """,
                "schema": ["type": "string", "minLength": 1, "maxLength": 200],
            ]
        ],
        "requestBody": [
            "required": true, "description": "At most 256 KiB.",
            "content": ["application/json": ["schema": ["$ref": "#/components/schemas/Request"]]],
        ],
        "responses": [
            "201": [
                "description": "The case is open and durable.",
                "headers": [
                    "Location": ["description": "The case.", "schema": ["type": "string"]],
                    "Idempotency-Replayed": [
                        "description": "true when an earlier request with this key opened the case.",
                        "schema": ["type": "string", "const": "true"],
                    ],
                ],
                "content": ["application/json": ["schema": ["$ref": "#/components/schemas/Opened"]]],
            ],
            "400": Self.reference("BadRequest"), "401": Self.reference("Unauthenticated"),
            "403": Self.reference("OutsideScope"), "413": Self.reference("TooLarge"),
            "415": Self.reference("UnsupportedMediaType"), "422": Self.reference("WrongFields"),
            "429": Self.reference("TooManyRequests"), "503": Self.reference("Unavailable"),
        ],
    ]

    private static let getCase: JSONTree = [
        "operationId": "readCase",
        "summary": "Read a case; the reading is an event of the case",
        "security": [["client_key": []]],
        "parameters": [
            [
                "name": "number", "in": "path", "required": true,
                "schema": ["type": "string", "examples": ["C-7K2M-0QX9"]],
            ]
        ],
        "responses": [
            "200": [
                "description": "The case, its referrals and its clocks; no personal data.",
                "content": ["application/json": ["schema": ["$ref": "#/components/schemas/Case"]]],
            ],
            "401": Self.reference("Unauthenticated"), "404": Self.reference("NotFound"),
            "429": Self.reference("TooManyRequests"), "503": Self.reference("Unavailable"),
        ],
    ]

    private static let getReceipt: JSONTree = [
        "operationId": "readReceipt",
        "summary": "The neutral status behind a receipt, for its holder",
        "security": [],
        "parameters": [["name": "receipt", "in": "path", "required": true, "schema": ["type": "string"]]],
        "responses": [
            "200": [
                "description": "Known.",
                "content": ["application/json": ["schema": ["$ref": "#/components/schemas/ReceiptStatus"]]],
            ],
            "404": [
                "description": "Unknown; the answer has the same shape.",
                "content": ["application/json": ["schema": ["$ref": "#/components/schemas/ReceiptStatus"]]],
            ],
            "429": Self.reference("TooManyRequests"), "503": Self.reference("Unavailable"),
        ],
    ]

    static func reference(_ name: String) -> JSONTree {
        ["$ref": .text("#/components/responses/\(name)")]
    }

    private static let problems: [String: JSONTree] = [
        "BadRequest": Self.problem("The body is not JSON, or the Idempotency-Key is not usable."),
        "Unauthenticated": Self.problem("No key, or one that is not known."),
        "OutsideScope": Self.problem("The channel or the division is outside the client's scope; errors names which."),
        "StaffMayNot": Self.problem("The member of staff named under by may not do this on this case."),
        "CaseState": Self.problem("The case is not in a state that allows this; detail says what is."),
        "NotFound": Self.problem("No such case that this client may see."),
        "TooLarge": Self.problem("The body is over 256 KiB."),
        "UnsupportedMediaType": Self.problem("The body is not application/json in UTF-8."),
        "WrongFields": Self.problem("Fields are wrong, each named in errors; or the Idempotency-Key was used before."),
        "TooManyRequests": Self.problem("Over the client's rate; see Retry-After.", retryAfter: true),
        "Unavailable": Self.problem(
            """
            The database is away, or it could not be found out in time whether the case was opened. Nothing that was \
            answered is lost. Repeat with the same Idempotency-Key; the answer names it in that header when the server \
            made it up.
            """, retryAfter: true),
    ]

    private static func problem(_ description: String, retryAfter: Bool = false) -> JSONTree {
        var response: [String: JSONTree] = [
            "description": .text(description),
            "content": ["application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]],
        ]
        if retryAfter {
            response["headers"] = ["Retry-After": ["description": "Seconds.", "schema": ["type": "integer"]]]
        }
        return .object(response)
    }
}
