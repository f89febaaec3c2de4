/// All divisions of the network and their aliases. Immutable; checked when made: no orphan, no repeated code, and each
/// division one level below its parent.
public struct DivisionTree: Sendable {
    private let byCode: [DivisionCode: Division]
    private let childCodes: [DivisionCode: [DivisionCode]]
    private let codesByName: [String: [DivisionCode]]

    /// Every division, wider levels first and by code inside a level.
    public let divisions: [Division]
    public let aliases: [DivisionAlias]

    /// Takes divisions in any order. Throws a ``DataFileError`` whose line is the position in the sequence plus one.
    public init(_ divisions: some Sequence<Division>, aliases: [DivisionAlias] = []) throws(DataFileError) {
        let numbered = divisions.enumerated().map { (division: $0.element, line: $0.offset + 1) }
        try self.init(numbered: numbered, aliases: aliases)
    }

    /// Reads `level,code,name,parent` lines. Throws with the line's number.
    public init(csv text: String, aliasesCSV: String? = nil) throws(DataFileError) {
        try self.init(csv: [text], aliasesCSV: aliasesCSV)
    }

    /// Reads several files of `level,code,name,parent` lines as one, such as the counties and a fuller list of
    /// townships. Throws with the line's number in its file.
    public init(csv texts: [String], aliasesCSV: String? = nil) throws(DataFileError) {
        var numbered: [(division: Division, line: Int)] = []
        for text in texts {
            let file = try DataFile(csv: text, header: ["level", "code", "name", "parent"])
            for row in file.rows {
                numbered.append((try Self.division(row), row.line))
            }
        }
        var aliases: [DivisionAlias] = []
        if let aliasesCSV {
            for row in try DataFile(csv: aliasesCSV, header: ["alias", "code"]).rows {
                guard let code = DivisionCode(row.fields[1]) else {
                    throw DataFileError(code: .badValue, line: row.line, field: "code")
                }
                aliases.append(DivisionAlias(name: row.fields[0], code: code))
            }
        }
        try self.init(numbered: numbered, aliases: aliases)
    }

    private init(numbered: [(division: Division, line: Int)], aliases: [DivisionAlias]) throws(DataFileError) {
        var byCode: [DivisionCode: Division] = [:]
        for (division, line) in numbered {
            guard byCode.updateValue(division, forKey: division.code) == nil else {
                throw DataFileError(code: .duplicate, line: line, field: "code")
            }
        }
        var childCodes: [DivisionCode: [DivisionCode]] = [:]
        for (division, line) in numbered {
            guard let parent = division.parent else { continue }
            guard let around = byCode[parent] else {
                throw DataFileError(code: .orphan, line: line, field: "parent")
            }
            guard around.level == division.level.wider else {
                throw DataFileError(code: .badValue, line: line, field: "parent")
            }
            childCodes[parent, default: []].append(division.code)
        }
        var codesByName: [String: [DivisionCode]] = [:]
        for (division, _) in numbered {
            codesByName[division.name, default: []].append(division.code)
        }
        for (index, alias) in aliases.enumerated() {
            guard byCode[alias.code] != nil else {
                throw DataFileError(code: .orphan, line: index + 1, field: "alias code")
            }
            codesByName[alias.name, default: []].append(alias.code)
        }
        self.byCode = byCode
        self.childCodes = childCodes.mapValues { $0.sorted() }
        self.codesByName = codesByName
        self.aliases = aliases
        self.divisions = numbered.map(\.division).sorted { ($0.level, $0.code) < ($1.level, $1.code) }
    }

    private static func division(_ row: DataFile.Row) throws(DataFileError) -> Division {
        guard let code = DivisionCode(row.fields[1]) else {
            throw DataFileError(code: .badValue, line: row.line, field: "code")
        }
        guard !row.fields[2].isEmpty else {
            throw DataFileError(code: .badValue, line: row.line, field: "name")
        }
        guard let level = DivisionLevel(rawValue: row.fields[0]), level == code.level else {
            throw DataFileError(code: .badValue, line: row.line, field: "level")
        }
        let parent = DivisionCode(row.fields[3])
        guard (parent != nil || row.fields[3].isEmpty) && (parent == nil) == (level == .region) else {
            throw DataFileError(code: .badValue, line: row.line, field: "parent")
        }
        return Division(code: code, name: row.fields[2], level: level, parent: parent)
    }

    /// The division of that code.
    public subscript(code: DivisionCode) -> Division? { self.byCode[code] }

    public func contains(_ code: DivisionCode) -> Bool { self.byCode[code] != nil }

    /// The divisions directly inside one, by code.
    public func children(of code: DivisionCode) -> [Division] {
        (self.childCodes[code] ?? []).compactMap { self.byCode[$0] }
    }

    /// All divisions with that official name or alias: names repeat across leagues, so there may be several.
    public func named(_ name: String) -> [Division] {
        (self.codesByName[name] ?? []).compactMap { self.byCode[$0] }
    }

    /// A division and those around it, nearest first; empty when the code is unknown. Follows the recorded parents.
    public func path(of code: DivisionCode) -> [DivisionCode] {
        var path: [DivisionCode] = []
        var current = self.byCode[code]
        while let division = current {
            path.append(division.code)
            current = division.parent.flatMap { self.byCode[$0] }
        }
        return path
    }
}
