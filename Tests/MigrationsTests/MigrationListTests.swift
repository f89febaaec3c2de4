import FoundationEssentials
import Migrations
import TestSupport
import Testing

/// A file that is in the directory and not in the list would be silently left out.
@Suite struct MigrationListTests {
    private static var root: String {
        #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/\($1)" }
    }

    @Test(arguments: TestTemplate.sets.map(\.module))
    func theListIsTheDirectory(_ module: String) throws {
        let set = try #require(TestTemplate.sets.first { $0.module == module })
        let directory = "\(Self.root)/Shared/\(set.module)/SQL"
        let files = try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasSuffix(".sql") }
            .sorted()
        #expect(set.migrations.map { "\($0.name).sql" } == files)
        for migration in set.migrations {
            let data = try #require(FileManager.default.contents(atPath: "\(directory)/\(migration.name).sql"))
            #expect(migration.sql == Array(data), "\(migration.name) is compiled in from another file")
        }
    }

    @Test func everyModuleWithSQLHasASet() throws {
        let modules = try FileManager.default.contentsOfDirectory(atPath: "\(Self.root)/Shared")
        let owners = modules.filter { FileManager.default.fileExists(atPath: "\(Self.root)/Shared/\($0)/SQL") }
        #expect(Set(owners) == Set(TestTemplate.sets.map(\.module)))
    }
}
