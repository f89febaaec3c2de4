import FoundationEssentials
import HTTPTypes
import Hummingbird
import JobQueue
import PostgresClient
import Safeguarding
import Testing

@testable import IntakeService

/// Files of the repository, from where this one lies.
enum Repository {
    static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(
        separator: "/")

    static func read(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: "\(self.root)/\(path)")))
    }
}

@Suite struct OpenAPITests {
    private static let file = "deploy/openapi/intake.json"

    /// `DANDELION_UPDATE_OPENAPI=1` writes the file anew.
    @Test func theFileIsWhatTheDoorSays() throws {
        let document = try OpenAPIDocument.tree.document()
        if ProcessInfo.processInfo.environment["DANDELION_UPDATE_OPENAPI"] == "1" {
            try FileManager.default.createDirectory(
                atPath: "\(Repository.root)/deploy/openapi", withIntermediateDirectories: true)
            try Data(document).write(to: URL(filePath: "\(Repository.root)/\(Self.file)"))
        }
        #expect(
            try Repository.read(Self.file) == document,
            "run the tests once with DANDELION_UPDATE_OPENAPI=1 and commit \(Self.file)")
    }

    @Test func everyRouteIsDescribedAndNoOther() throws {
        let pool = PostgresPool(PostgresConfiguration(dsn: "", applicationName: "test"), logger: quiet)
        let parts = IntakeParts(
            pool: pool, jobs: JobStore(bell: JobBell(pool: pool, logger: quiet)), keyring: .generate(),
            index: .generate(), logger: quiet)
        let routes = try IntakeDoor.router(parts).routes.map { "\($0.method.rawValue.lowercased()) \($0.path)" }
        guard case .object(let paths)? = OpenAPIDocument.tree["paths"] else {
            Issue.record("no paths")
            return
        }
        var described: Set<String> = []
        for (path, operations) in paths {
            guard case .object(let methods) = operations else { continue }
            for method in methods.keys { described.insert("\(method) \(path)") }
        }
        #expect(Set(routes) == described)
    }

    @Test func everyReferenceLeadsSomewhere() {
        var missing: [String] = []
        self.walk(OpenAPIDocument.tree) { reference in
            var place: JSONTree? = OpenAPIDocument.tree
            for part in reference.split(separator: "/").dropFirst() { place = place?[String(part)] }
            if place == nil { missing.append(reference) }
        }
        #expect(missing.isEmpty)
    }

    private func walk(_ tree: JSONTree, _ found: (String) -> Void) {
        switch tree {
        case .object(let members):
            if case .text(let reference)? = members["$ref"] { found(reference) }
            for member in members.values { self.walk(member, found) }
        case .list(let items):
            for item in items { self.walk(item, found) }
        case .null, .bool, .number, .text:
            break
        }
    }
}
