/// How log lines look.
public enum LogFormat: String, Sendable, CaseIterable {
    /// One JSON object per line, for machines.
    case json
    /// Time, level, label, message and `key=value` pairs, for people.
    case text
}
