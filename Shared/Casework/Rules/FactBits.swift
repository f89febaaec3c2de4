/// A set of yes-or-no facts as 256 bits: what conditions are tested with in a few instructions.
struct FactBits: Hashable, Sendable {
    static let capacity = 256

    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    init() {}

    init(_ bits: some Sequence<Int>) {
        for bit in bits { self.insert(bit) }
    }

    var isEmpty: Bool { self.words.0 | self.words.1 | self.words.2 | self.words.3 == 0 }

    mutating func insert(_ bit: Int) {
        let mask = UInt64(1) << UInt64(bit & 63)
        switch bit >> 6 {
        case 0: self.words.0 |= mask
        case 1: self.words.1 |= mask
        case 2: self.words.2 |= mask
        default: self.words.3 |= mask
        }
    }

    @inline(__always)
    func contains(_ bit: Int) -> Bool {
        let word =
            switch bit >> 6 {
            case 0: self.words.0
            case 1: self.words.1
            case 2: self.words.2
            default: self.words.3
            }
        return word & (UInt64(1) << UInt64(bit & 63)) != 0
    }

    /// Whether the two have a fact in common.
    @inline(__always)
    func meets(_ other: FactBits) -> Bool {
        (self.words.0 & other.words.0) | (self.words.1 & other.words.1) | (self.words.2 & other.words.2)
            | (self.words.3 & other.words.3) != 0
    }

    /// Whether every fact of the other is here.
    @inline(__always)
    func includes(_ other: FactBits) -> Bool {
        (other.words.0 & ~self.words.0) | (other.words.1 & ~self.words.1) | (other.words.2 & ~self.words.2)
            | (other.words.3 & ~self.words.3) == 0
    }

    static func == (left: Self, right: Self) -> Bool { left.words == right.words }

    func hash(into hasher: inout Hasher) {
        hasher.combine(self.words.0)
        hasher.combine(self.words.1)
        hasher.combine(self.words.2)
        hasher.combine(self.words.3)
    }
}
