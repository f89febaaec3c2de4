import Foundation
import Testing

@Suite struct LayoutTests {
    @Test func everyServiceIsALibraryAndAMain() throws {
        for service in try SourceTree.folders(in: "Services") {
            #expect(try SourceTree.folders(in: "Services/\(service)") == ["Main", "\(service)Service"].sorted())
        }
    }

    @Test func aMainOnlyComposes() throws {
        for file in try SourceTree.files(under: "Services", endings: ["swift"]) where file.components[2] == "Main" {
            let lines = file.text.hasSuffix("\n") ? file.lines.count - 1 : file.lines.count
            #expect(lines <= 40, "\(file.path) has \(lines) lines; the logic belongs in the library beside it")
        }
    }

    @Test func namesSayWhatIsInside() throws {
        let nothingSaid: Set<String> = ["utils", "util", "utilities", "common", "helpers", "helper", "misc"]
        for file in try SourceTree.swiftFiles() {
            for part in file.components {
                let name = part.lowercased().replacingOccurrences(of: ".swift", with: "")
                #expect(!nothingSaid.contains(name), "\(file.path): the name '\(part)' says nothing")
                #expect(!part.contains(" "), "\(file.path): a space in a path")
            }
        }
    }

    @Test func noPlaceholderIsLeft() throws {
        for file in try SourceTree.swiftFiles() {
            #expect(!file.path.hasSuffix("/Placeholder.swift"), "\(file.path) is still empty")
        }
    }

    /// A leading digit is lost in the constant that `.embedInCode` makes, and a gap in the numbers is a forgotten file.
    @Test func migrationsAreNamedAndNumberedWithoutAGap() throws {
        let migrations = try SourceTree.files(under: "Shared", endings: ["sql"])
        #expect(!migrations.isEmpty)
        for (folder, files) in Dictionary(grouping: migrations, by: { $0.components.dropLast().joined(separator: "/") })
        {
            let names = files.compactMap(\.components.last).sorted()
            #expect(folder.hasSuffix("/SQL"), "\(folder): migrations live in SQL/")
            for (index, name) in names.enumerated() {
                #expect(name.contains(/^V\d{4}__[a-z0-9_]+\.sql$/), "\(folder)/\(name) is not V0001__words.sql")
                let number = String(repeating: "0", count: 4 - "\(index + 1)".count) + "\(index + 1)"
                #expect(name.hasPrefix("V\(number)__"), "\(folder)/\(name): expected number \(number)")
            }
        }
    }

    /// The migrator owns the transaction: a file that ends it would leave half of itself behind when it fails.
    @Test func noMigrationEndsItsTransaction() throws {
        for file in try SourceTree.files(under: "Shared", endings: ["sql"]) {
            for (index, line) in file.lines.enumerated() {
                let control = line.contains(
                    /^\s*(BEGIN|COMMIT|ROLLBACK|START TRANSACTION|ABORT)\s*(TRANSACTION|WORK)?\s*;/.ignoresCase())
                #expect(!control, "\(file.path):\(index + 1) controls the transaction")
            }
        }
    }
}
