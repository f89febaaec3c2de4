/// Makes the key files of an installation.
public struct KeyFiles: Sendable {
    /// One file of an installation's keys.
    public struct File: Sendable, Hashable {
        /// Where it is.
        public let path: String
        /// Whether it was made now; otherwise it was there and was left as it is.
        public let isNew: Bool

        package init(path: String, isNew: Bool) {
            self.path = path
            self.isNew = isNew
        }
    }

    /// The name of the field key file.
    public static let fieldKeys = "field-keys.json"
    /// The name of the blind index key file.
    public static let indexKeys = "index-keys.json"

    /// Makes every key file that is missing in the directory, each with mode 0600 (and the directory, with 0700, when
    /// it is missing). A file that is there is never overwritten: without it, all that was sealed with it is lost.
    /// - Throws: `KeyFileError` when a file cannot be written.
    public static func create(directory: String) throws -> [File] {
        try KeyFile.makeDirectory(directory)
        return [
            try Self.create("\(directory)/\(Self.fieldKeys)", FieldKeyring.generate().encoded()),
            try Self.create("\(directory)/\(Self.indexKeys)", BlindIndex.generate().encoded()),
        ]
    }

    /// Adds a fresh current key to a field key file and keeps the old ones. Services take it up when they start again,
    /// those that only open first: a service that does not know the new key yet cannot open what it sealed.
    public static func rotateFieldKeys(path: String) throws -> FieldKeyring {
        let rotated = try FieldKeyring(path: path).rotated()
        try KeyFile.replace(path, rotated.encoded())
        return rotated
    }

    private static func create(_ path: String, _ bytes: [UInt8]) throws -> File {
        do throws(KeyFileError) {
            try KeyFile.create(path, bytes)
            return File(path: path, isNew: true)
        } catch {
            guard error.code == .exists else { throw error }
            return File(path: path, isNew: false)
        }
    }
}
