import FoundationEssentials
import Logging
import NIOConcurrencyHelpers
import Testing

@testable import ServiceKit

@Suite struct ServiceLogHandlerTests {
    private let lines = NIOLockedValueBox<[String]>([])

    private func logger(_ format: LogFormat) -> Logger {
        let lines = self.lines
        let sink = LogSink { line in lines.withLockedValue { $0.append(String(decoding: line, as: UTF8.self)) } }
        return Logger(label: "intake") { label in
            ServiceLogHandler(
                label: label, format: format, level: .info, sink: sink, now: { Date(timeIntervalSince1970: 0) })
        }
    }

    private var line: String? { self.lines.withLockedValue { $0.first } }

    @Test func jsonIsOneObjectPerLine() {
        var logger = self.logger(.json)
        logger[metadataKey: "service.name"] = "intake"
        logger.warning(
            "Job attempt \"failed\"", metadata: ["job.id": "7", "queues": ["a", "b\n"], "n": .stringConvertible(3)])
        #expect(
            self.line
                == #"{"time":"1970-01-01T00:00:00.000Z","level":"warning","label":"intake","message":"Job attempt \"failed\"","#
                + #""metadata":{"job.id":"7","n":"3","queues":["a","b\n"],"service.name":"intake"}}"# + "\n")
    }

    @Test func textIsReadable() {
        self.logger(.text).info("Service started", metadata: ["b": "two words", "a": "1"])
        #expect(self.line == "1970-01-01T00:00:00.000Z info intake: Service started a=1 b=\"two words\"\n")
    }

    @Test(arguments: LogFormat.allCases)
    func nothingThatIsLoggedBreaksTheLine(format: LogFormat) {
        self.logger(format).error("a\nb\r\u{1B}[31m", metadata: ["k\u{2028}": "c\nd\u{0}"])
        let line = self.line ?? ""
        #expect(line.dropLast().unicodeScalars.allSatisfy { !JSONText.mustEscape($0) } || format == .text)
        #expect(line.filter(\.isNewline).count == 1)
    }

    @Test func belowTheLevelNothingIsWritten() {
        self.logger(.json).debug("quiet")
        #expect(self.line == nil)
    }

    @Test func foreignErrorsAreLoggedByTypeOnly() {
        struct Leak: Error, CustomStringConvertible { let description = "phone 13800000000" }
        self.logger(.json).error("Failed", error: Leak())
        #expect(self.line?.contains("138") == false)
        #expect(self.line?.contains("Leak") == true)
    }
}
