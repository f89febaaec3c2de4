/// An agreement by which the agencies of some divisions serve each other's people for some purposes, across the borders
/// of leagues, such as the "8+1" cooperation on labour.
public struct Alliance: Hashable, Sendable {
    /// A slug that people type, e.g. `8-plus-1`.
    public let code: String
    public let name: String
    /// The divisions that agreed, in the order in which they are looked in.
    public let members: [DivisionCode]
    public let purposes: Set<Purpose>
    /// The first and last day it holds, in Beijing; no last day while nobody ended it.
    public let from: LocalDate
    public let until: LocalDate?
    /// The agreement, in Chinese.
    public let basis: String

    public init(
        code: String, name: String, members: [DivisionCode], purposes: Set<Purpose>, from: LocalDate,
        until: LocalDate? = nil, basis: String
    ) {
        self.code = code
        self.name = name
        self.members = members
        self.purposes = purposes
        self.from = from
        self.until = until
        self.basis = basis
    }

    /// Whether it holds on a day.
    public func holds(on day: LocalDate) -> Bool {
        day >= self.from && self.until.map { day <= $0 } ?? true
    }

    /// The other members' divisions for somebody who lives in one of them; empty for everybody else.
    public func partners(along path: [DivisionCode]) -> [DivisionCode] {
        guard self.members.contains(where: path.contains) else { return [] }
        return self.members.filter { !path.contains($0) }
    }
}
