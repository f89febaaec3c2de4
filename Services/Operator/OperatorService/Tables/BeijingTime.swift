import FoundationEssentials
import ServiceKit

/// Instants as people of the network read them: China Standard Time.
enum BeijingTime {
    /// `2026-11-23 10:00:07`
    static func full(_ date: Date) -> String {
        let text = RFC3339.format(date, offsetMinutes: 8 * 60)
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8))"
    }

    /// `11-23 10:00`
    static func short(_ date: Date) -> String { String(self.full(date).dropFirst(5).prefix(11)) }

    /// `10:00:07`
    static func time(_ date: Date) -> String { String(self.full(date).suffix(8)) }

    /// How long ago or ahead, in the largest unit that says it: `12 s`, `3 min`, `5 h`, `2 d`.
    static func span(_ seconds: Double) -> String {
        switch abs(seconds) {
        case ..<100: "\(Int(seconds)) s"
        case ..<6000: "\(Int(seconds / 60)) min"
        case ..<172_800: "\(Int(seconds / 3600)) h"
        default: "\(Int(seconds / 86_400)) d"
        }
    }
}
