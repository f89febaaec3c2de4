/// How long a clock runs, as laws count: in hours that run day and night, in calendar days, or in working days.
///
/// Written like ISO 8601: `PT15M`, `PT2H`, `PT20S`, `PT1H30M`, `P7D`; working days, which ISO lacks, as `5WD`.
public enum ClockDuration: Hashable, Sendable, CustomStringConvertible {
    /// Seconds of elapsed time, nights and holidays included.
    case elapsed(seconds: Int)
    /// Calendar days. The day it starts is not counted (Civil Code art. 201); it ends at 24:00 of the last day. The
    /// extra day that art. 203 gives when that is a holiday is not used: we are early rather than late.
    case calendarDays(Int)
    /// Working days of the holiday calendar. The day it starts is not counted; it ends when business closes.
    case workingDays(Int)

    /// Reads the written form; `nil` when it is none, or zero.
    public init?(_ text: String) {
        if text.hasSuffix("WD") {
            guard let days = Self.count(text.dropLast(2)) else { return nil }
            self = .workingDays(days)
        } else if text.hasPrefix("PT") {
            guard let seconds = Self.seconds(text.dropFirst(2)) else { return nil }
            self = .elapsed(seconds: seconds)
        } else if text.hasPrefix("P"), text.hasSuffix("D") {
            guard let days = Self.count(text.dropFirst().dropLast()) else { return nil }
            self = .calendarDays(days)
        } else {
            return nil
        }
    }

    public var description: String {
        switch self {
        case .elapsed(let seconds):
            let parts = [(seconds / 3600, "H"), (seconds / 60 % 60, "M"), (seconds % 60, "S")]
            return "PT" + parts.filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined()
        case .calendarDays(let days):
            return "P\(days)D"
        case .workingDays(let days):
            return "\(days)WD"
        }
    }

    /// How it reads in an explanation: `15分钟`, `7日`, `5个工作日`.
    public var chinese: String {
        switch self {
        case .elapsed(let seconds):
            let parts = [(seconds / 3600, "小时"), (seconds / 60 % 60, "分钟"), (seconds % 60, "秒")]
            return parts.filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined()
        case .calendarDays(let days):
            return "\(days)日"
        case .workingDays(let days):
            return "\(days)个工作日"
        }
    }

    /// About how many seconds it is, to compare durations of different kinds: a working day counts as 1.4 days.
    public var approximateSeconds: Int {
        switch self {
        case .elapsed(let seconds): seconds
        case .calendarDays(let days): days * 86_400
        case .workingDays(let days): days * 120_960
        }
    }

    /// Whether this never lasts longer than a limit, whenever it starts. Hours, calendar days and working days are
    /// compared by the longest this can be and the shortest the limit can be.
    public func neverExceeds(_ limit: ClockDuration) -> Bool {
        switch (self, limit) {
        case (.elapsed(let own), .elapsed(let most)): own <= most
        case (.calendarDays(let own), .calendarDays(let most)): own <= most
        case (.workingDays(let own), .workingDays(let most)): own <= most
        default: self.longestSeconds <= limit.shortestSeconds
        }
    }

    /// Calendar days end at midnight of the last one; working days can stretch over weekends and the longest holidays.
    private var longestSeconds: Int {
        switch self {
        case .elapsed(let seconds): seconds
        case .calendarDays(let days): (days + 1) * 86_400
        case .workingDays(let days): (days + (days / 5 + 1) * 2 + (days / 60 + 1) * 10) * 86_400
        }
    }

    private var shortestSeconds: Int {
        switch self {
        case .elapsed(let seconds): seconds
        case .calendarDays(let days): days * 86_400
        case .workingDays(let days): (days - 1) * 86_400 + 17 * 3600
        }
    }

    private static func count(_ text: Substring) -> Int? {
        guard (1...4).contains(text.utf8.count),
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let count = Int(text), count > 0
        else { return nil }
        return count
    }

    /// `1H30M` in seconds; each unit at most once, in order.
    private static func seconds(_ text: Substring) -> Int? {
        var rest = text
        var total = 0
        for (unit, factor) in [("H", 3600), ("M", 60), ("S", 1)] as [(Character, Int)] {
            guard let end = rest.firstIndex(of: unit) else { continue }
            guard let count = Self.count(rest[..<end]) else { return nil }
            total += count * factor
            rest = rest[rest.index(after: end)...]
        }
        return rest.isEmpty && total > 0 ? total : nil
    }
}

extension ClockDuration: Codable {
    /// The written form, in JSON and YAML.
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let duration = ClockDuration(text) else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath,
                    debugDescription: "not a duration like PT15M, PT2H, P7D or 5WD"))
        }
        self = duration
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.description)
    }
}
