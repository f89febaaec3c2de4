import FoundationEssentials

extension TemplateCatalog {
    /// The shipped templates with the `.mustache` files of a directory in place of or beside them.
    /// - Throws: `TemplateErrors`, or what reading the directory throws.
    public init(directory path: String) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".mustache") }
        try self.init(
            files: names.sorted().map { name in
                (name, Array(try Data(contentsOf: URL(filePath: path).appending(path: name))))
            })
    }
}
