import Logging
import NIOConcurrencyHelpers

/// Keeps log events in memory, for tests that ask what was logged.
struct LogRecorder: Sendable {
    struct Entry: Sendable {
        let level: Logger.Level
        let message: String
        let metadata: [String: String]
    }

    private let box = NIOLockedValueBox<[Entry]>([])

    var entries: [Entry] { self.box.withLockedValue { $0 } }

    /// Everything that was logged, as one text to search.
    var text: String { self.entries.map { "\($0.level) \($0.message) \($0.metadata)" }.joined(separator: "\n") }

    func logger(level: Logger.Level = .trace) -> Logger {
        Logger(label: "test") { _ in RecordingLogHandler(recorder: self, logLevel: level) }
    }

    fileprivate func append(_ entry: Entry) {
        self.box.withLockedValue { $0.append(entry) }
    }
}

private struct RecordingLogHandler: LogHandler {
    let recorder: LogRecorder
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level

    init(recorder: LogRecorder, logLevel: Logger.Level) {
        self.recorder = recorder
        self.logLevel = logLevel
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = self.metadata.merging(event.metadata ?? [:]) { $1 }
        self.recorder.append(
            LogRecorder.Entry(level: event.level, message: "\(event.message)", metadata: all.mapValues { "\($0)" }))
    }
}
