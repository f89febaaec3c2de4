import FoundationEssentials

/// Reads the files that are given on the command line.
enum TextFile {
    static func read(_ path: String) throws(CommandFailure) -> String {
        guard let text = String(validating: try self.bytes(path), as: UTF8.self) else {
            throw CommandFailure(.badData, "\(path) is not text in UTF-8; convert it")
        }
        return text
    }

    static func bytes(_ path: String) throws(CommandFailure) -> [UInt8] {
        do {
            return Array(try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw CommandFailure(.badData, "\(path) cannot be read: \(Self.cause(error))")
        }
    }

    /// A secret of one word, such as a bearer key.
    static func secret(_ path: String) throws(CommandFailure) -> String {
        let word = try self.read(path).split(whereSeparator: \.isWhitespace)
        guard word.count == 1 else {
            throw CommandFailure(.badData, "\(path) must hold a key, one word, and nothing else")
        }
        return String(word[0])
    }

    /// The files of a directory with that ending, by name.
    static func files(in directory: String, ending: String) throws(CommandFailure) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasSuffix(ending) }
                .sorted()
                .map { "\(directory)/\($0)" }
        } catch {
            throw CommandFailure(.badData, "\(directory) cannot be read: \(Self.cause(error))")
        }
    }

    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    private static func cause(_ error: any Error) -> String {
        switch (error as? CocoaError)?.code {
        case .fileReadNoSuchFile, .fileNoSuchFile: "there is no such file; correct the path"
        case .fileReadNoPermission: "this user may not read it; change its owner or mode"
        default: "it is not a readable file; correct the path"
        }
    }
}
