import Crypto

/// One forward step of a module's schema: a plain SQL file that is compiled in and applied at most once per database.
///
/// The name and the bytes are part of history: once a database has applied the file, an edit is an error, since two
/// databases would otherwise carry the same name for different schemas.
public struct Migration: Sendable, Hashable, CustomStringConvertible {
    /// The file's name without its ending, such as `V0001__job`. Names sort in the order of application.
    public let name: String

    /// The file, byte for byte.
    public let sql: [UInt8]

    /// SHA-256 of the file in lower-case hexadecimal digits; what the database remembers of it.
    public let checksum: String

    /// A file whose first line is `-- migrate: no-transaction` holds one statement that PostgreSQL refuses inside a
    /// transaction, such as `CREATE INDEX CONCURRENTLY`.
    public let runsInTransaction: Bool

    public init(name: String, sql: [UInt8]) {
        self.name = name
        self.sql = sql
        self.checksum = SHA256.hash(data: sql).map(Self.hexadecimal).joined()
        let firstLine = sql.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        self.runsInTransaction = !firstLine.elementsEqual("-- migrate: no-transaction".utf8)
    }

    /// The name: the text of the file is of no use in a log.
    public var description: String { self.name }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return byte < 16 ? "0" + digits : digits
    }
}
