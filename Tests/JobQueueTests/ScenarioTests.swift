import Foundation
import Testing

struct ScenarioTests {
    /// A scenario whose test was renamed or removed is no longer held.
    @Test func everyTestThatIsNamedExists() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let table = try String(contentsOf: folder.appending(path: "Scenarios.md"), encoding: .utf8)
        let rows = table.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst()
        #expect(rows.count >= 35)
        var sources = ""
        let tests = folder.deletingLastPathComponent()
        let files = try #require(FileManager.default.enumerator(at: tests, includingPropertiesForKeys: nil))
        for case let file as URL in files where file.pathExtension == "swift" {
            sources += try String(contentsOf: file, encoding: .utf8)
        }
        for row in rows {
            let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            let names = try #require(cells.last).split(separator: ",").map {
                $0.trimmingCharacters(in: CharacterSet(charactersIn: "` "))
            }
            #expect(!names.isEmpty)
            for name in names { #expect(sources.contains("func \(name)("), "no test \(name) (\(cells[0]))") }
        }
    }
}
