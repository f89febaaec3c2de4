import Casework
import Foundation
import Testing

@testable import OperatorService

struct RuleFileTests {
    private static let deploy = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "deploy").path()
    private let rules = "\(Self.deploy)/rules/network.yaml"

    @Test func theTextIsStoredAsItIs() throws {
        let file = try RuleFile(path: self.rules, override: nil)
        #expect(try file.text == String(contentsOfFile: self.rules, encoding: .utf8))
    }

    /// Routing reads the stored text alone.
    @Test func anOverrideIsWrittenIntoTheText() throws {
        let file = try RuleFile(path: self.rules, override: "\(Self.deploy)/demo/short-clocks.yaml")
        let stored = try RuleSet(yaml: file.text)
        #expect(stored.version.hasSuffix("+demo"))
        #expect(stored.clock("assistance_answer")?.duration == .elapsed(seconds: 8))
        let plain = try RuleFile(path: self.rules, override: nil).rules
        #expect(stored.clocks.count == plain.clocks.count)
        #expect(stored.rules.map(\.id) == plain.rules.map(\.id))
        #expect(stored.rules.map(\.condition) == plain.rules.map(\.condition))
        #expect(stored.rules.map(\.targets) == plain.rules.map(\.targets))
        #expect(stored.caseClocks == plain.caseClocks)
    }

    @Test func everyProblemIsALineWithTheFile() throws {
        try TemporaryDirectory.with { directory in
            let path = "\(directory)/rules.yaml"
            try "version: x\nclocks: {}\nrules: []\n".write(toFile: path, atomically: true, encoding: .utf8)
            let failure = #expect(throws: CommandFailure.self) { try RuleFile(path: path, override: nil) }
            #expect(failure?.status == .badData)
            #expect(failure?.reason.split(separator: "\n").allSatisfy { $0.hasPrefix(path) } == true)
        }
    }
}
