import FoundationEssentials

/// What this agency does with its hand-overs, for demonstrations and tests of the network.
///
/// ```json
/// {"answer": "accept", "outcome": "placed_safely", "progress": true, "delay_milliseconds": 500}
/// {"answer": "reject", "reason": "not_our_duty", "suggested_agency_kind": "civil_affairs"}
/// ```
struct Behaviour: Equatable, Sendable {
    enum Answer: String, CaseIterable, Sendable {
        case accept
        case reject
        case object
        /// Leases nothing and says nothing: the network's clocks have to notice.
        case silent
    }

    var answer = Answer.accept
    /// Why it rejects or objects, of the network's list.
    var reason: String?
    var suggestedAgencyKind: String?
    /// How an accepted referral ended, of the network's list.
    var outcome = "resolved"
    /// What it says with the outcome in words, sealed to the network's key.
    var text: String?
    /// The pause before the answer, and again before each report.
    var delay = Duration.zero
    /// Whether it reports `in_progress` before the outcome.
    var reportsProgress = false

    private struct File: Decodable {
        let answer: String?
        let reason: String?
        let suggestedAgencyKind: String?
        let outcome: String?
        let text: String?
        let delayMilliseconds: Int?
        let progress: Bool?
    }

    private struct AnyKey: CodingKey {
        let stringValue: String
        let intValue: Int? = nil
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { return nil }
    }

    /// Only the names of a file's fields.
    private struct Names: Decodable {
        let names: Set<String>

        init(from decoder: any Decoder) throws {
            self.names = Set(try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue))
        }
    }

    private static let names: Set<String> = [
        "answer", "reason", "suggested_agency_kind", "outcome", "text", "delay_milliseconds", "progress",
    ]

    init() {}

    /// Reads a behaviour file.
    /// - Parameter path: for the message only.
    init(json: [UInt8], path: String) throws(WorkerExit) {
        func wrong(_ problem: String) -> WorkerExit {
            WorkerExit(code: .configuration, reason: "behaviour file \(path): \(problem)")
        }
        let file: File
        let unknown: [String]
        do {
            let plain = JSONDecoder()
            unknown = try plain.decode(Names.self, from: Data(json)).names.subtracting(Self.names).sorted()
            plain.keyDecodingStrategy = .convertFromSnakeCase
            file = try plain.decode(File.self, from: Data(json))
        } catch {
            throw wrong("it is not a JSON object with fields of the right types; see agency-worker --help")
        }
        guard unknown.isEmpty else {
            throw wrong("unknown field \(unknown[0]); known are \(Self.names.sorted().joined(separator: ", "))")
        }
        if let word = file.answer {
            guard let answer = Answer(rawValue: word) else {
                throw wrong("answer must be one of \(Answer.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            self.answer = answer
        }
        self.reason = file.reason
        if self.answer == .reject || self.answer == .object, self.reason == nil {
            throw wrong("answer \(self.answer.rawValue) needs a reason, such as not_our_duty")
        }
        self.suggestedAgencyKind = file.suggestedAgencyKind
        self.outcome = file.outcome ?? self.outcome
        self.text = file.text
        guard (0...3_600_000).contains(file.delayMilliseconds ?? 0) else {
            throw wrong("delay_milliseconds must lie between 0 and 3600000")
        }
        self.delay = .milliseconds(file.delayMilliseconds ?? 0)
        self.reportsProgress = file.progress ?? false
    }
}
