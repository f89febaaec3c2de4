import Foundation
import Testing

@testable import GatewayService

/// The contract's changelog and its version go together.
@Suite struct ContractTests {
    @Test func theNewestEntryOfTheChangelogIsTheDocumentsVersion() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "deploy/openapi/CHANGELOG.md")
        let versions = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
            .filter { $0.hasPrefix("## ") }.map { $0.dropFirst(3) }
        #expect(versions.first == Substring(OpenAPIDocument.version))
    }
}
