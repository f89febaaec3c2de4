/// What the doctor says about one thing.
struct Finding: Encodable, Equatable, Sendable {
    enum Level: String, Encodable, Sendable {
        case ok
        /// It works; something is weaker than it should be.
        case warning
        case failed
    }

    let check: String
    let level: Level
    /// What was found.
    let said: String
    /// What to do about it.
    let remedy: String?

    static func ok(_ check: String, _ said: String) -> Finding {
        Finding(check: check, level: .ok, said: said, remedy: nil)
    }

    static func warning(_ check: String, _ said: String, _ remedy: String) -> Finding {
        Finding(check: check, level: .warning, said: said, remedy: remedy)
    }

    static func failed(_ check: String, _ said: String, _ remedy: String) -> Finding {
        Finding(check: check, level: .failed, said: said, remedy: remedy)
    }
}
