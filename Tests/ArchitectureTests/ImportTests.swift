import Testing

@Suite struct ImportTests {
    /// Invariant 9 (services share the database and nothing else) and the layers of the design.
    @Test func everyImportPointsDown() throws {
        for file in try SourceTree.swiftFiles() {
            guard let allowed = ModuleTable.allowed(for: file.target) else {
                Issue.record("\(file.path): the target \(file.target) is not in ModuleTable")
                continue
            }
            for module in file.imports where ModuleTable.ours.contains(module) {
                #expect(allowed.contains(module), "\(file.path): \(file.target) may not import \(module)")
            }
        }
    }

    @Test func theTableKnowsEveryFolder() throws {
        #expect(try SourceTree.folders(in: "Shared") == ModuleTable.shared.keys.sorted())
        #expect(try SourceTree.folders(in: "Services") == ModuleTable.services.keys.sorted())
    }

    @Test func nothingButTestsImportsTestModules() throws {
        for file in try SourceTree.swiftFiles() where file.components[0] != "Tests" {
            for module in file.imports where ModuleTable.forTests.contains(module) || module == "Testing" {
                #expect(
                    ModuleTable.forTests.contains(file.target),
                    "\(file.path) imports \(module), which is for tests only")
            }
        }
    }

    @Test func noFileReexportsAModule() throws {
        for file in try SourceTree.swiftFiles() where file.target != "ArchitectureTests" {
            #expect(!file.text.contains("@_exported"), "\(file.path) re-exports a module, which hides who imports it")
        }
    }

    @Test func importLinesAreReadWhateverStandsBeforeThem() {
        let lines = [
            "public import JobTypes", "@testable import JobQueue", "    import Migrations", "// import Mail",
            "@preconcurrency package import struct PostgresClient.PostgresRow", "let important = 1",
        ]
        let file = SourceFile(path: "Shared/Casework/Case.swift", text: lines.joined(separator: "\n"))
        #expect(file.imports == ["JobTypes", "JobQueue", "Migrations", "PostgresClient"])
        #expect(file.target == "Casework")
    }
}
