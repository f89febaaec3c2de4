import FoundationEssentials
public import Logging

/// Writes one line per log event, as JSON or text, to a ``LogSink``.
public struct ServiceLogHandler: LogHandler {
    /// What every line of this logger carries.
    public var metadata: Logger.Metadata = [:]
    /// What the surrounding task adds.
    public var metadataProvider: Logger.MetadataProvider?
    /// The least severe level that is written.
    public var logLevel: Logger.Level

    private let label: String
    private let format: LogFormat
    private let sink: LogSink
    private let now: @Sendable () -> Date

    /// A handler for one logger.
    public init(label: String, format: LogFormat, level: Logger.Level, sink: LogSink = .standardError) {
        self.init(label: label, format: format, level: level, sink: sink, now: { Date() })
    }

    init(
        label: String, format: LogFormat, level: Logger.Level, sink: LogSink, now: @escaping @Sendable () -> Date
    ) {
        self.label = label
        self.format = format
        self.logLevel = level
        self.sink = sink
        self.now = now
    }

    /// One entry of the metadata.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    /// Writes one line.
    public func log(event: LogEvent) {
        var line = LogLine(
            time: RFC3339.format(self.now()), level: event.level, label: self.label, message: "\(event.message)")
        line.metadata = self.metadata
        line.metadata.merge(self.metadataProvider?.get() ?? [:]) { $1 }
        line.metadata.merge(event.metadata ?? [:]) { $1 }
        if let error = event.error {
            line.metadata["error"] = .string(SafeDiagnosis.of(error))
        }
        self.sink.emit(line.rendered(as: self.format))
    }
}
