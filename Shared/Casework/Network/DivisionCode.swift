/// An administrative division's code: 6 digits of GB/T 2260 for region, league and county, 9 of GB/T 10114 for a
/// township, 12 of the statistical code for a village.
public struct DivisionCode: RawRepresentable, Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    public let rawValue: String

    /// `nil` unless the text has 6, 9 or 12 ASCII digits and does not start with 0.
    public init?(rawValue: String) {
        guard [6, 9, 12].contains(rawValue.utf8.count), rawValue.utf8.first != UInt8(ascii: "0"),
            rawValue.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        self.rawValue = rawValue
    }

    /// The same as ``init(rawValue:)``.
    public init?(_ text: String) {
        self.init(rawValue: text)
    }

    init(known text: String) {
        self.rawValue = text
    }

    /// The level the shape of the code says: `150000` region, `150100` league, `150104` county, 9 and 12 digits below.
    public var level: DivisionLevel {
        switch self.rawValue.utf8.count {
        case 12: .village
        case 9: .township
        default:
            // Bytes, not characters: every look for an agency asks this of each division around a case.
            switch self.rawValue.utf8.reversed().prefix(while: { $0 == UInt8(ascii: "0") }).count {
            case 4...: .region
            case 2...3: .league
            default: .county
            }
        }
    }

    /// The division around this one as the code's shape says; `nil` for a region.
    public var parent: DivisionCode? {
        switch self.level {
        case .region: nil
        case .league: DivisionCode(known: self.rawValue.prefix(2) + "0000")
        case .county: DivisionCode(known: self.rawValue.prefix(4) + "00")
        case .township: DivisionCode(known: String(self.rawValue.prefix(6)))
        case .village: DivisionCode(known: String(self.rawValue.prefix(9)))
        }
    }

    /// This division and every one around it, nearest first, region last.
    public var path: [DivisionCode] {
        var path = [self]
        var current = self
        while let parent = current.parent {
            path.append(parent)
            current = parent
        }
        return path
    }

    /// The division of `level` that holds this one; `nil` when this one is wider than that.
    public func ancestor(at level: DivisionLevel) -> DivisionCode? {
        self.path.first { $0.level == level }
    }

    /// Whether this division is `other` or lies inside it.
    public func isWithin(_ other: DivisionCode) -> Bool {
        self.path.contains(other)
    }

    public var description: String { self.rawValue }

    public static func < (left: Self, right: Self) -> Bool {
        left.rawValue < right.rawValue
    }
}
