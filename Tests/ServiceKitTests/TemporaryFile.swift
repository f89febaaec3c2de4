import FoundationEssentials

/// Runs a body with the path of a file that holds a text, and removes the file.
func withTemporaryFile<Result>(_ text: String, _ body: (String) async throws -> Result) async throws -> Result {
    let path = FileManager.default.temporaryDirectory.appending(path: "servicekit-\(UUID().uuidString)").path
    try Data(text.utf8).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}
