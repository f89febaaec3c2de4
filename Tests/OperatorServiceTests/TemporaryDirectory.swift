import Foundation

/// A directory of one test's own.
enum TemporaryDirectory {
    static func with<Value>(_ body: (String) async throws -> Value) async throws -> Value {
        let path = self.make()
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try await body(path)
    }

    static func with<Value>(_ body: (String) throws -> Value) throws -> Value {
        let path = self.make()
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(path)
    }

    private static func make() -> String {
        let path = FileManager.default.temporaryDirectory.appending(path: "ddl-operator-\(UUID().uuidString)").path()
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    static func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }
}
