public import FoundationEssentials

/// A minute of the day, `00:00` to `23:59`, without a time zone.
public struct LocalTime: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Minutes since midnight, 0 to 1439.
    public let minuteOfDay: Int

    /// `nil` outside 0 to 1439.
    public init?(minuteOfDay: Int) {
        guard (0..<1440).contains(minuteOfDay) else { return nil }
        self.minuteOfDay = minuteOfDay
    }

    private init(known minuteOfDay: Int) {
        self.minuteOfDay = minuteOfDay
    }

    /// Reads `HH:MM`; `nil` for any other shape.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        let zero = UInt8(ascii: "0")
        guard bytes.count == 5, bytes[2] == UInt8(ascii: ":"),
            [0, 1, 3, 4].allSatisfy({ (zero...zero + 9).contains(bytes[$0]) })
        else { return nil }
        let digits = bytes.map { Int($0) - Int(zero) }
        let hour = digits[0] * 10 + digits[1]
        let minute = digits[3] * 10 + digits[4]
        guard hour < 24, minute < 60 else { return nil }
        self.minuteOfDay = hour * 60 + minute
    }

    /// The minute it is in Beijing at an instant.
    public init(inBeijing instant: Date) {
        let seconds = instant.timeIntervalSince1970 + BeijingTime.offset
        let day = (seconds / 86_400).rounded(.down)
        self.minuteOfDay = Int(((seconds - day * 86_400) / 60).rounded(.down))
    }

    /// 08:30, when agencies open.
    public static let openingOfBusiness = LocalTime(known: 8 * 60 + 30)

    /// 17:30, when agencies close.
    public static let closeOfBusiness = LocalTime(known: 17 * 60 + 30)

    public var description: String {
        LocalDate.padded(self.minuteOfDay / 60, 2) + ":" + LocalDate.padded(self.minuteOfDay % 60, 2)
    }

    public static func < (left: Self, right: Self) -> Bool {
        left.minuteOfDay < right.minuteOfDay
    }
}

extension LocalTime: Codable {
    /// `HH:MM` in JSON.
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let time = LocalTime(text) else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "not a time as HH:MM"))
        }
        self = time
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.description)
    }
}
