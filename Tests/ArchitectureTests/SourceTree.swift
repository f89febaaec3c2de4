import Foundation

/// The files of this package as they stand on disk; the tests of this target read them instead of running them.
enum SourceTree {
    static let root: URL = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Every file under a folder of the package with one of these endings, hidden folders left out, in a stable order.
    static func files(under folder: String, endings: Set<String>) throws -> [SourceFile] {
        let start = Self.root.appendingPathComponent(folder)
        guard
            let walk = FileManager.default.enumerator(
                at: start, includingPropertiesForKeys: nil, options: [.skipsHiddenFiles])
        else { throw MissingFolder(path: folder) }
        var found: [SourceFile] = []
        for case let url as URL in walk where endings.contains(url.pathExtension) {
            let path = String(url.path.dropFirst(Self.root.path.count + 1))
            found.append(SourceFile(path: path, text: try String(contentsOf: url, encoding: .utf8)))
        }
        return found.sorted { $0.path < $1.path }
    }

    static func swiftFiles() throws -> [SourceFile] {
        try ["Shared", "Services", "Tests"].flatMap { try Self.files(under: $0, endings: ["swift"]) }
    }

    /// The names of the folders directly in this one.
    static func folders(in folder: String) throws -> [String] {
        let start = Self.root.appendingPathComponent(folder)
        return try FileManager.default.contentsOfDirectory(
            at: start, includingPropertiesForKeys: [.isDirectoryKey], options: [.skipsHiddenFiles]
        )
        .filter { try $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true }
        .map(\.lastPathComponent).sorted()
    }
}

struct MissingFolder: Error {
    let path: String
}

/// One file, with its path from the root of the package, such as `Shared/JobQueue/JobStore.swift`.
struct SourceFile {
    let path: String
    let text: String

    var lines: [Substring] { self.text.split(separator: "\n", omittingEmptySubsequences: false) }
    var components: [String] { self.path.split(separator: "/").map(String.init) }

    /// The target this file belongs to, by the layout: `Shared/<M>`, `Services/<S>/<S>Service`, `Services/<S>/Main`,
    /// `Tests/<M>Tests`.
    var target: String {
        let parts = self.components
        guard parts.count > 2 else { return "" }
        guard parts[0] == "Services" else { return parts[1] }
        return parts[2] == "Main" ? "\(parts[1])Main" : parts[2]
    }

    /// The modules this file imports, whatever attributes and access levels stand before the word.
    var imports: [String] {
        self.lines.compactMap { line in
            let words = line.split { $0 == " " || $0 == "\t" }.map(String.init)
            let before: Set<String> = ["public", "package", "internal", "fileprivate", "private"]
            guard let position = words.firstIndex(of: "import"), words.count > position + 1,
                words[..<position].allSatisfy({ $0.hasPrefix("@") || before.contains($0) })
            else { return nil }
            let kinds: Set<String> = ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var"]
            let isScoped = kinds.contains(words[position + 1]) && words.count > position + 2
            let name = words[isScoped ? position + 2 : position + 1]
            return name.split { $0 == "." || $0 == ";" }.first.map(String.init)
        }
    }
}
