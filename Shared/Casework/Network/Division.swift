/// An administrative division 行政区划.
public struct Division: Hashable, Sendable, Codable {
    public let code: DivisionCode
    /// The official name, e.g. 玉泉区.
    public let name: String
    public let level: DivisionLevel
    /// The division around it; `nil` only for the region.
    public let parent: DivisionCode?

    public init(code: DivisionCode, name: String, level: DivisionLevel, parent: DivisionCode?) {
        self.code = code
        self.name = name
        self.level = level
        self.parent = parent
    }
}

/// A name under which people also look for a division, e.g. 白云鄂博区 for 白云鄂博矿区.
public struct DivisionAlias: Hashable, Sendable, Codable {
    public let name: String
    public let code: DivisionCode

    public init(name: String, code: DivisionCode) {
        self.name = name
        self.code = code
    }
}
