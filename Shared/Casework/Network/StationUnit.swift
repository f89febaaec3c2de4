/// A part of a station 维权站: "1+N", one core and typed stations and studios around it.
public struct StationUnit: Hashable, Sendable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// 综合信访接待室: the one every station has.
        case core
        /// 法治宣传教育站
        case legalEducation = "legal_education"
        /// 心理健康辅导站
        case counselling
        /// 家庭教育指导站
        case familyEducation = "family_education"
        /// 反家暴干预服务站
        case antiViolence = "anti_violence"
        /// 婚姻家庭纠纷调解室
        case mediation
        /// 调解工作室: named after somebody, under the mediation room.
        case studio

        /// What the unit is asked for; `nil` for the core, which takes everything.
        public var purpose: Purpose? {
            switch self {
            case .core: nil
            case .legalEducation: .advice
            case .counselling: .counselling
            case .familyEducation: .familyEducation
            case .antiViolence: .safetyPlan
            case .mediation, .studio: .mediation
            }
        }
    }

    public let kind: Kind
    public let name: String
    /// The station's division.
    public let division: DivisionCode

    public init(kind: Kind, name: String, division: DivisionCode) {
        self.kind = kind
        self.name = name
        self.division = division
    }
}

/// The units of every station, by place. Checked when made: each station that has units has exactly one core.
public struct StationUnits: Sendable {
    private let byDivision: [DivisionCode: [StationUnit]]

    /// Reads `kind,division,name` lines. Throws with the line's number.
    public init(csv text: String, divisions: DivisionTree) throws(DataFileError) {
        var byDivision: [DivisionCode: [StationUnit]] = [:]
        var firstLine: [DivisionCode: Int] = [:]
        for row in try DataFile(csv: text, header: ["kind", "division", "name"]).rows {
            guard let kind = StationUnit.Kind(rawValue: row.fields[0]) else {
                throw DataFileError(code: .badValue, line: row.line, field: "kind")
            }
            guard let division = DivisionCode(row.fields[1]) else {
                throw DataFileError(code: .badValue, line: row.line, field: "division")
            }
            guard divisions.contains(division) else {
                throw DataFileError(code: .orphan, line: row.line, field: "division")
            }
            guard !row.fields[2].isEmpty else { throw DataFileError(code: .badValue, line: row.line, field: "name") }
            let known = byDivision[division] ?? []
            guard !known.contains(where: { $0.name == row.fields[2] || (kind == .core && $0.kind == .core) }) else {
                throw DataFileError(code: .duplicate, line: row.line, field: kind == .core ? "kind" : "name")
            }
            firstLine[division] = firstLine[division] ?? row.line
            byDivision[division, default: []].append(StationUnit(kind: kind, name: row.fields[2], division: division))
        }
        for (division, units) in byDivision.sorted(by: { $0.key < $1.key })
        where !units.contains(where: { $0.kind == .core }) {
            throw DataFileError(code: .gap, line: firstLine[division] ?? 0, field: "core of \(division)")
        }
        self.byDivision = byDivision
    }

    /// Makes the lookup from units that were checked when they were stored.
    public init(_ units: some Sequence<StationUnit>) {
        self.byDivision = Dictionary(grouping: units, by: \.division)
    }

    /// Every unit, by division.
    public var all: [StationUnit] { self.byDivision.sorted { $0.key < $1.key }.flatMap(\.value) }

    /// The units of the station at a division.
    public subscript(division: DivisionCode) -> [StationUnit] { self.byDivision[division] ?? [] }

    /// The nearest unit for a purpose, along the divisions around a place; the nearest core when no unit is made for it.
    public func nearest(_ purpose: Purpose, along path: [DivisionCode]) -> StationUnit? {
        for division in path {
            if let unit = self[division].first(where: { $0.kind.purpose == purpose }) { return unit }
        }
        return path.lazy.compactMap { self[$0].first { $0.kind == .core } }.first
    }
}
