import FoundationEssentials
import ServiceKit

/// Instants as PostgreSQL writes them in JSON: RFC 3339, with up to six digits of a second and an offset that may be
/// short.
enum EventInstant {
    static func parse(_ text: String) -> Date? {
        if let date = RFC3339.parse(text) { return date }
        return RFC3339.parse(text + ":00")
    }
}
