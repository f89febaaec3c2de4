import FoundationEssentials
import Hummingbird
import Testing

@testable import GatewayService

@Suite struct OpenAPIDocumentTests {
    private var path: String {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        return "/\(root)/deploy/openapi/gateway.json"
    }

    /// `DANDELION_UPDATE_OPENAPI=1` writes the file instead.
    @Test func theDocumentInTheRepositoryIsTheOneThatIsServed() throws {
        let document = try OpenAPIDocument.encoded()
        if ProcessInfo.processInfo.environment["DANDELION_UPDATE_OPENAPI"] == "1" {
            let folder = self.path.split(separator: "/").dropLast().joined(separator: "/")
            try FileManager.default.createDirectory(atPath: "/\(folder)", withIntermediateDirectories: true)
            try Data(document).write(to: URL(filePath: self.path))
        }
        let file = try Data(contentsOf: URL(filePath: self.path))
        #expect(
            Array(file) == document,
            "deploy/openapi/gateway.json differs from the code: run this test with DANDELION_UPDATE_OPENAPI=1")
    }

    @Test func everyRouteIsInTheDocumentAndEveryPathHasARoute() async throws {
        guard case .object(let document) = OpenAPIDocument.document, case .object(let paths)? = document["paths"] else {
            Issue.record("no paths")
            return
        }
        var described: Set<String> = []
        for (path, operations) in paths {
            guard case .object(let methods) = operations else { continue }
            for method in methods.keys { described.insert("\(method.uppercased()) \(path)") }
        }
        let expected = described
        try await withGateway { gateway in
            let routes = gateway.parts.door.router().routes.map { "\($0.method.rawValue) \($0.path)" }
            #expect(Set(routes) == expected)
            let served = try await gateway.send(.GET, "/openapi.json", key: nil)
            #expect(served.status == 200)
            #expect(Array(served.body.utf8) == (try OpenAPIDocument.encoded()))
        }
    }

    @Test func everyReferenceLeadsSomewhere() throws {
        guard case .object(let document) = OpenAPIDocument.document,
            case .object(let components)? = document["components"]
        else {
            Issue.record("no components")
            return
        }
        for reference in Self.references(in: OpenAPIDocument.document) {
            let parts = reference.split(separator: "/").map(String.init)
            guard parts.count == 4, case .object(let group)? = components[parts[2]] else {
                Issue.record("\(reference) is no reference")
                continue
            }
            #expect(group[parts[3]] != nil, "\(reference)")
        }
    }

    private static func references(in value: JSONValue) -> [String] {
        switch value {
        case .string, .integer, .boolean: return []
        case .array(let values): return values.flatMap(self.references)
        case .object(let fields):
            if case .string(let reference)? = fields["$ref"] { return [reference] }
            return fields.values.flatMap(self.references)
        }
    }
}
