/// Why a key file cannot be used or made: always which file, what is wrong with it and what to do. It never holds
/// anything that was read from the file.
public struct KeyFileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case missing, unreadable, notAFile, tooOpen, malformed, badKey, unknownCurrent, exists, unwritable
        }

        private let value: Value

        /// There is no file at the path.
        public static let missing = Code(value: .missing)
        /// The file cannot be read by this user.
        public static let unreadable = Code(value: .unreadable)
        /// The path is a directory, a pipe or a device.
        public static let notAFile = Code(value: .notAFile)
        /// Others than the owner may use the file: its mode is neither 0600 nor 0400.
        public static let tooOpen = Code(value: .tooOpen)
        /// The content is not a key file of the expected form.
        public static let malformed = Code(value: .malformed)
        /// A key is not 32 bytes in base64, or its id is not well formed.
        public static let badKey = Code(value: .badKey)
        /// The key named as the current one is not in the file.
        public static let unknownCurrent = Code(value: .unknownCurrent)
        /// The file is there already: key files are never overwritten.
        public static let exists = Code(value: .exists)
        /// The file or its directory cannot be written.
        public static let unwritable = Code(value: .unwritable)

        public var description: String { self.value.rawValue }
    }

    /// What is wrong.
    public let code: Code
    /// The file it is about.
    public let path: String
    private let fault: String
    private let remedy: String

    init(_ code: Code, path: String, fault: String, remedy: String) {
        self.code = code
        self.path = path
        self.fault = fault
        self.remedy = remedy
    }

    /// One line: the file, the fault, the remedy.
    public var description: String { "key file \(self.path): \(self.fault); \(self.remedy)" }
}

extension KeyFileError {
    static func missing(_ path: String) -> Self {
        Self(
            .missing, path: path, fault: "there is no such file",
            remedy: "create it with `dandelion keys create`, or correct the path in the configuration")
    }

    package static func malformed(_ path: String, _ fault: String) -> Self {
        Self(
            .malformed, path: path, fault: fault,
            remedy: "restore the file from its backup; a new file opens nothing that was sealed before")
    }

    static func badKey(_ path: String, id: String) -> Self {
        Self(
            .badKey, path: path, fault: "the entry \(id) is not a key of 32 bytes in base64 under a well-formed id",
            remedy: "restore the file from its backup; a new file opens nothing that was sealed before")
    }
}
