/// What else is known of a case that the law gives a consequence: words and days, nothing that names somebody.
public struct Circumstances: Hashable, Sendable {
    public var people: [PersonFact] = []
    public var minorSigns: [MinorSign] = []
    /// Flags that intake is told; the others follow from the request.
    public var flags: [CaseFlag] = []
    public var places: [PlaceRole: DivisionCode] = [:]
    public var deadlines: [DeadlineKind: LocalDate] = [:]
    public var handlingOrgan: HandlingOrgan?

    public init() {}

    /// The flags a request may name.
    public static let declaredFlags: [CaseFlag] = [.litigationRelated, .urgentMajor, .mayFlareUp, .preservationNeeded]
    /// The places a request may name beside its own.
    public static let otherPlaces: [PlaceRole] = [.respondentHome, .incident, .handlingOrgan]

    static let fields: Set = ["people", "minor_signs", "flags", "places", "deadlines", "handling_organ"]

    public var isEmpty: Bool { self == Circumstances() }
}

extension Circumstances: Encodable {
    enum CodingKeys: String, CodingKey {
        case people, flags, places, deadlines
        case minorSigns = "minor_signs"
        case handlingOrgan = "handling_organ"
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        if !self.people.isEmpty { try container.encode(self.people, forKey: .people) }
        if !self.minorSigns.isEmpty { try container.encode(self.minorSigns, forKey: .minorSigns) }
        if !self.flags.isEmpty { try container.encode(self.flags, forKey: .flags) }
        if !self.places.isEmpty {
            try container.encode(
                Dictionary(uniqueKeysWithValues: self.places.map { ($0.rawValue, $1) }), forKey: .places)
        }
        if !self.deadlines.isEmpty {
            try container.encode(
                Dictionary(uniqueKeysWithValues: self.deadlines.map { ($0.rawValue, $1) }), forKey: .deadlines)
        }
        try container.encodeIfPresent(self.handlingOrgan, forKey: .handlingOrgan)
    }
}

extension Circumstances {
    /// Reads `circumstances` of a request, collecting what is wrong.
    init(_ value: JSONValue, path: String, divisions: DivisionTree, _ problems: inout [FieldProblem]) {
        guard let reader = FieldReader(value, path: path, fields: Self.fields, &problems) else { return }
        self.people = reader.words("people", of: PersonFact.allCases, &problems)
        self.minorSigns = reader.words("minor_signs", of: MinorSign.allCases, &problems)
        self.flags = reader.words("flags", of: Self.declaredFlags, &problems)
        self.handlingOrgan = reader.word("handling_organ", as: HandlingOrgan.self, &problems)
        self.places = Self.keyed(reader, "places", Self.otherPlaces, &problems) { entry, name, problems in
            guard let text = entry.text(name, limit: 12, &problems) else { return nil }
            guard let code = DivisionCode(text), divisions.contains(code) else {
                entry.report(name, .unknownDivision, "is not a division of this network", &problems)
                return nil
            }
            return code
        }
        self.deadlines = Self.keyed(reader, "deadlines", DeadlineKind.allCases, &problems) { entry, name, problems in
            guard let text = entry.text(name, limit: 20, &problems) else { return nil }
            guard let day = LocalDate(text) else {
                entry.report(name, .impossibleDate, "must be a day that exists, as YYYY-MM-DD", &problems)
                return nil
            }
            return day
        }
    }

    private static func keyed<Key: RawRepresentable<String> & Hashable, Value>(
        _ reader: FieldReader, _ name: String, _ keys: [Key], _ problems: inout [FieldProblem],
        _ read: (FieldReader, String, inout [FieldProblem]) -> Value?
    ) -> [Key: Value] {
        guard let value = reader[name],
            let entries = FieldReader(
                value, path: reader.pointer(name), fields: Set(keys.map(\.rawValue)), &problems)
        else { return [:] }
        var keyed: [Key: Value] = [:]
        for key in keys { keyed[key] = read(entries, key.rawValue, &problems) }
        return keyed
    }
}
