/// The JSON Schema (2020-12) of the rules' YAML, for editors: completion and errors while writing. It is made from the
/// vocabularies the reader uses; a test compares it with `deploy/rules/rules.schema.json`.
public enum RuleSetSchema {
    /// The schema as text, always written the same way.
    public static var text: String { Self.schema.written(indent: 0) + "\n" }

    private static var schema: SchemaNode {
        .object([
            ("$schema", "https://json-schema.org/draft/2020-12/schema"), ("title", "12338 转介规则"), ("type", "object"),
            ("additionalProperties", false),
            ("required", ["version", "clocks", "case_clocks", "rules"]),
            (
                "properties",
                .object([
                    ("version", Self.text("规则版本")), ("title", Self.text("名称")), ("set_by", Self.text("制定单位")),
                    ("clocks", Self.map(of: Self.clock, "时限：名称、时长、依据")), ("case_clocks", Self.caseClocks),
                    ("green_channel", Self.text("绿色通道的答复时限")), ("milestones", Self.milestones),
                    ("clock_changes", Self.clockChanges),
                    ("rules", .object([("type", "array"), ("items", Self.rule)])),
                ])
            ),
            ("$defs", .object([("condition", Self.condition)])),
        ])
    }

    private static var clock: SchemaNode {
        Self.closed(
            [
                ("duration", Self.duration), ("at_most", Self.duration), ("basis", Self.text("法律依据")),
            ], required: ["duration", "basis"])
    }

    private static let duration = SchemaNode.object([
        ("type", "string"), ("pattern", #"^(PT([0-9]+H)?([0-9]+M)?([0-9]+S)?|P[0-9]+D|[0-9]+WD)$"#),
        ("description", "PT15M 分钟、PT2H 小时（昼夜连续）、P7D 日历日、5WD 工作日"),
    ])

    private static var caseClocks: SchemaNode {
        let one = Self.byRisk(Self.text("时限名称"))
        let levels = Self.closed(DivisionLevel.allCases.map { ($0.rawValue, Self.text("时限名称")) }, required: [])
        return Self.closed(
            [
                ("first_response", one), ("case_action", one), ("follow_up", Self.byRisk(Self.texts)),
                ("call_back", Self.closed(RiskLevel.allCases.map { ($0.rawValue, Self.text("时限名称")) }, required: [])),
                ("risk_review", Self.closed(RiskLevel.allCases.map { ($0.rawValue, Self.text("时限名称")) }, required: [])),
                ("escalation", Self.byRisk(levels)),
            ], required: ["first_response", "case_action", "follow_up"])
    }

    private static func byRisk(_ node: SchemaNode) -> SchemaNode {
        Self.closed(RiskLevel.allCases.map { ($0.rawValue, node) }, required: RiskLevel.allCases.map(\.rawValue))
    }

    private static var milestones: SchemaNode {
        let milestone = Self.closed([("clocks", Self.texts), ("reminders", Self.texts)], required: [])
        return Self.closed(MilestoneKind.allCases.map { ($0.rawValue, milestone) }, required: [])
    }

    private static var clockChanges: SchemaNode {
        let ground = Self.closed(
            [
                ("clocks", Self.texts), ("pause", .object([("type", "boolean")])), ("extend", Self.duration),
                ("basis", Self.text("法律依据")),
            ], required: ["clocks", "basis"])
        let percent = SchemaNode.object([("type", "integer"), ("minimum", 50), ("maximum", 99)])
        return Self.closed(
            [
                ("warnings", .object([("type", "array"), ("items", percent)])),
                ("grounds", Self.map(of: ground, "中止、延长的理由")),
            ], required: [])
    }

    private static var rule: SchemaNode {
        Self.closed(
            [
                ("id", Self.text("规则编号")), ("stage", Self.word(RuleStage.allCases.map(\.rawValue), "次序")),
                ("title", Self.text("规则说什么")), ("when", .object([("$ref", "#/$defs/condition")])),
                ("then", .object([("type", "array"), ("items", Self.target)])),
                ("owner_level", Self.word(DivisionLevel.allCases.map(\.rawValue), "主办级别至少")),
                ("note", Self.text("办理人须知")), ("lane", Self.word(RuleLane.allCases.map(\.rawValue), "通道")),
                (
                    "select",
                    Self.closed(
                        [("purposes", Self.words(Purpose.known.map(\.rawValue))), ("services", Self.texts)],
                        required: ["purposes", "services"])
                ),
                ("sets_aside", Self.texts), ("basis", Self.text("法律依据")), ("set_by", Self.text("制定单位")),
                ("review", Self.text("待核对")),
            ], required: ["id", "stage", "title", "when", "basis"])
    }

    private static var target: SchemaNode {
        Self.closed(
            [
                ("agency_kind", Self.code("部门种类")),
                ("level", Self.word(["lowest"] + DivisionLevel.allCases.map(\.rawValue), "从哪一级找起")),
                ("purpose", Self.word(Purpose.known.map(\.rawValue), "目的")),
                ("profile", Self.word(DisclosureProfileName.known.map(\.rawValue), "披露档案")),
                ("answer_clock", Self.text("答复时限")), ("outcome_clock", Self.text("办理时限")),
                ("consent", Self.word(["required", "not_required"], "是否须本人同意")), ("legal_basis", Self.text("法律依据")),
                ("assignees", .object([("type", "integer"), ("minimum", 1), ("maximum", 20)])),
                ("hold_until_safe", .object([("type", "boolean")])),
                ("places", Self.words(PlaceRole.allCases.map(\.rawValue))),
            ],
            required: [
                "agency_kind", "level", "purpose", "profile", "answer_clock", "outcome_clock", "consent", "legal_basis",
            ])
    }

    private static var condition: SchemaNode {
        let nested = SchemaNode.object([
            ("type", "array"), ("items", .object([("$ref", "#/$defs/condition")])),
        ])
        let levels = DivisionLevel.allCases.map(\.rawValue)
        let risks = RiskLevel.allCases.map(\.rawValue)
        let flags = CaseFlag.allCases.map(\.rawValue)
        let consent = Self.closed(
            [
                ("agency_kind", Self.code("部门种类")), ("purpose", Self.word(Purpose.known.map(\.rawValue), "目的")),
                ("answers", Self.words(ConsentAnswer.allCases.map(\.rawValue))),
            ], required: ["agency_kind", "purpose", "answers"])
        let properties: [String: SchemaNode] = [
            "always": .object([("type", "boolean")]), "categories": Self.words(Category.known.map(\.rawValue)),
            "needs": Self.words(Need.known.map(\.rawValue)),
            "channels": Self.words(IntakeChannel.allCases.map(\.rawValue)), "division_levels": Self.words(levels),
            "owner_levels": Self.words(levels), "within": Self.texts, "risk_at_least": Self.word(risks, "至少"),
            "risk_at_most": Self.word(risks, "至多"), "risk_items": Self.words(RiskItem.allCases.map(\.rawValue)),
            "flags": Self.words(flags), "not_flags": Self.words(flags),
            "people": Self.words(PersonFact.allCases.map(\.rawValue)),
            "minor_signs": Self.words(MinorSign.allCases.map(\.rawValue)),
            "outcomes": Self.words(Outcome.allCases.map(\.rawValue)),
            "handling_organs": Self.words(HandlingOrgan.allCases.map(\.rawValue)),
            "consents": .object([("type", "array"), ("items", consent)]),
            "deadlines": Self.closed(DeadlineKind.allCases.map { ($0.rawValue, Self.duration) }, required: []),
            "breaches_at_least": .object([("type", "integer"), ("minimum", 0)]), "all": nested, "any": nested,
            "none": nested,
        ]
        return Self.closed(ConditionReader.keys.compactMap { key in properties[key].map { (key, $0) } }, required: [])
    }

    // MARK: - Shapes

    private static func closed(_ properties: [(String, SchemaNode)], required: [String]) -> SchemaNode {
        .object([
            ("type", "object"), ("additionalProperties", false), ("required", .array(required.map { .text($0) })),
            ("properties", .object(properties)),
        ])
    }

    private static func map(of node: SchemaNode, _ description: String) -> SchemaNode {
        .object([("type", "object"), ("description", .text(description)), ("additionalProperties", node)])
    }

    private static func text(_ description: String) -> SchemaNode {
        .object([("type", "string"), ("description", .text(description))])
    }

    private static func code(_ description: String) -> SchemaNode {
        .object([("type", "string"), ("pattern", "^[a-z][a-z0-9_]{0,63}$"), ("description", .text(description))])
    }

    private static func word(_ words: [String], _ description: String) -> SchemaNode {
        .object([("enum", .array(words.map { .text($0) })), ("description", .text(description))])
    }

    private static func words(_ words: [String]) -> SchemaNode {
        .object([
            ("type", "array"), ("items", .object([("enum", .array(words.map { .text($0) }))])),
        ])
    }

    private static let texts = SchemaNode.object([
        ("type", "array"), ("items", .object([("type", "string")])),
    ])
}

/// A piece of a schema.
indirect enum SchemaNode: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral
{
    case object([(String, SchemaNode)])
    case array([SchemaNode])
    case text(String)
    case number(Int)
    case flag(Bool)

    init(stringLiteral value: String) { self = .text(value) }
    init(integerLiteral value: Int) { self = .number(value) }
    init(booleanLiteral value: Bool) { self = .flag(value) }
    init(arrayLiteral elements: SchemaNode...) { self = .array(elements) }

    func written(indent: Int) -> String {
        let inner = String(repeating: "  ", count: indent + 1)
        let outer = String(repeating: "  ", count: indent)
        switch self {
        case .text(let text): return Self.quoted(text)
        case .number(let number): return "\(number)"
        case .flag(let flag): return flag ? "true" : "false"
        case .array(let items):
            return "[" + items.map { $0.written(indent: indent) }.joined(separator: ", ") + "]"
        case .object(let fields):
            if fields.isEmpty { return "{}" }
            let lines = fields.map { "\(inner)\(Self.quoted($0)): \($1.written(indent: indent + 1))" }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(outer)}"
        }
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "\""
    }
}
