import Casework

/// The schemas of intake's bodies. Words come from the domain's own vocabularies.
enum OpenAPISchemas {
    static let all: [String: JSONTree] = [
        "Request": Self.request,
        "Person": Self.person,
        "Consent": Self.consent,
        "SafeContact": Self.safeContact,
        "Risk": Self.risk,
        "Circumstances": Self.circumstances,
        "Opened": Self.opened,
        "Case": Self.caseView,
        "ReceiptStatus": Self.receiptStatus,
        "Problem": Self.problem,
    ]

    private static let request = Self.object(
        required: ["channel", "division", "categories", "people"],
        [
            "channel": Self.words(IntakeChannel.self),
            "division": [
                "type": "string", "pattern": "^([0-9]{6}|[0-9]{9}|[0-9]{12})$",
                "description": "Where it happened or where she lives: a GB/T 2260 code of this network.",
            ],
            "categories": Self.list(Self.codes(Category.known), least: 1, most: 10),
            "needs": Self.list(Self.codes(Need.known), most: 20),
            "narrative": Self.text("What she told, in her words.", most: IntakeRequest.narrativeLimit),
            "risk": ["$ref": "#/components/schemas/Risk"],
            "people": [
                "type": "array", "maxItems": .number(IntakeRequest.peopleLimit),
                "items": ["$ref": "#/components/schemas/Person"],
                "description": "At least the help-seeker, who may stay without a name.",
            ],
            "consents": ["type": "array", "maxItems": 100, "items": ["$ref": "#/components/schemas/Consent"]],
            "safe_contact": [
                "type": "array", "maxItems": 100, "items": ["$ref": "#/components/schemas/SafeContact"],
                "description": "A person without an entry is never contacted.",
            ],
            "reporter_may_be_contacted": ["type": "boolean"],
            "circumstances": ["$ref": "#/components/schemas/Circumstances"],
        ])

    private static let circumstances = Self.object(
        required: [],
        [
            "people": Self.list(Self.words(PersonFact.self), most: PersonFact.allCases.count),
            "minor_signs": Self.list(Self.words(MinorSign.self), most: MinorSign.allCases.count),
            "flags": Self.list(
                ["type": "string", "enum": .list(Circumstances.declaredFlags.map { .text($0.rawValue) })],
                most: Circumstances.declaredFlags.count),
            "places": Self.object(
                required: [],
                Dictionary(
                    uniqueKeysWithValues: Circumstances.otherPlaces.map {
                        ($0.rawValue, ["type": "string", "description": "A division of this network."] as JSONTree)
                    })),
            "deadlines": Self.object(
                required: [],
                Dictionary(
                    uniqueKeysWithValues: DeadlineKind.allCases.map {
                        ($0.rawValue, ["type": "string", "format": "date"] as JSONTree)
                    })),
            "handling_organ": Self.words(HandlingOrgan.self),
        ])

    private static let person = Self.object(
        required: ["role"],
        [
            "role": Self.words(PersonRole.self),
            "name": Self.text("", most: 100),
            "phone": Self.text("3 to 15 digits.", most: 32),
            "email": Self.text("", most: 254),
            "birth_date": ["type": "string", "format": "date"],
            "sex": Self.words(Sex.self),
            "capacity": Self.words(LegalCapacity.self),
            "guardian_suspected": ["type": "boolean"],
        ])

    private static let consent = Self.object(
        required: ["agency_kinds", "purpose", "granted"],
        [
            "agency_kinds": Self.list(["type": "string", "pattern": "^[a-z][a-z0-9_]*$"], least: 1, most: 20),
            "agencies": Self.list(OpenAPIActions.agencyCode, least: 1, most: 50),
            "purpose": Self.codes(Purpose.known),
            "granted": ["type": "boolean"],
            "given_by": Self.words(ConsentGiver.self),
            "data_kinds": Self.list(Self.words(ConsentDataKind.self), most: ConsentDataKind.allCases.count),
            "expires_at": [
                "type": "string", "description": "A day, or a time with its offset: 2026-12-31T18:00:00+08:00.",
            ],
        ])

    private static let safeContact = Self.object(
        required: ["person", "channel"],
        [
            "person": ["type": "integer", "minimum": 0, "description": "Position in people, from 0."],
            "channel": Self.words(ContactChannel.self),
            "days": Self.list(
                ["type": "integer", "minimum": 1, "maximum": 7, "description": "1 is Monday."], least: 1, most: 7),
            "from": Self.time("The window begins, Beijing time."),
            "to": Self.time("The window ends; earlier than from when it crosses midnight."),
            "code_word": Self.text("", most: 64),
            "never_mention": ["type": "boolean", "default": true],
        ])

    private static let risk = Self.object(
        required: [],
        Dictionary(uniqueKeysWithValues: RiskItem.allCases.map { ($0.rawValue, ["type": "boolean"] as JSONTree) }))

    private static let opened = Self.object(
        required: ["number", "receipt", "status", "owner_station", "first_response_due_at"],
        [
            "number": ["type": "string", "pattern": "^C-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$"],
            "receipt": [
                "type": "string",
                "description": "For the help-seeker: it shows a neutral status and nothing else. It is not stored.",
            ],
            "status": ["type": "string", "const": "received"],
            "owner_station": ["type": "string", "description": "The station that owns the case."],
            "first_response_due_at": ["type": "string", "format": "date-time"],
        ])

    private static let caseView = Self.object(
        required: [
            "number", "status", "channel", "division", "risk", "owner_station", "opened_at", "referrals", "clocks",
        ],
        [
            "number": ["type": "string"],
            "status": Self.words(CaseStatus.self),
            "channel": Self.words(IntakeChannel.self),
            "division": ["type": "string"],
            "risk": Self.words(RiskLevel.self),
            "owner_station": ["type": "string"],
            "opened_at": ["type": "string", "format": "date-time"],
            "closed_at": ["type": "string", "format": "date-time"],
            "outcome": ["type": "string"],
            "referrals": ["type": "array", "items": ["type": "object"]],
            "clocks": ["type": "array", "items": ["type": "object"]],
        ])

    private static let receiptStatus = Self.object(
        required: ["status"],
        ["status": ["type": "string", "enum": ["received", "in_progress", "finished", "unknown"]]])

    private static let problem: JSONTree = [
        "type": "object",
        "required": ["type", "title", "status"],
        "properties": [
            "type": ["type": "string"], "title": ["type": "string"], "status": ["type": "integer"],
            "detail": ["type": "string"], "instance": ["type": "string"],
            "errors": [
                "type": "array",
                "items": [
                    "type": "object", "required": ["field", "code", "message"],
                    "properties": [
                        "field": ["type": "string", "description": "A JSON Pointer."], "code": ["type": "string"],
                        "message": ["type": "string"],
                    ],
                ],
            ],
        ],
    ]

    // MARK: - Parts

    static func object(required: [String], _ properties: [String: JSONTree]) -> JSONTree {
        [
            "type": "object", "additionalProperties": false, "required": .list(required.map(JSONTree.text)),
            "properties": .object(properties),
        ]
    }

    static func words<Word: RawRepresentable<String> & CaseIterable>(_ type: Word.Type) -> JSONTree {
        ["type": "string", "enum": .list(Word.allCases.map { .text($0.rawValue) })]
    }

    static func codes(_ known: [some Code]) -> JSONTree {
        ["type": "string", "enum": .list(known.map { .text($0.rawValue) })]
    }

    static func list(_ items: JSONTree, least: Int = 0, most: Int) -> JSONTree {
        ["type": "array", "items": items, "minItems": .number(least), "maxItems": .number(most), "uniqueItems": true]
    }

    static func text(_ description: String, most: Int) -> JSONTree {
        var schema: [String: JSONTree] = ["type": "string", "maxLength": .number(most)]
        if !description.isEmpty { schema["description"] = .text(description) }
        return .object(schema)
    }

    static func time(_ description: String) -> JSONTree {
        ["type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$", "description": .text(description)]
    }
}
