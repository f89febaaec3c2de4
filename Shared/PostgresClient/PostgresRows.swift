import CLibPQ
import Glibc

/// The rows of one statement, as the server sent them.
public final class PostgresRows: RandomAccessCollection, @unchecked Sendable {
    // Sendable because a PGresult is never written after PQgetResult returned it, and libpq allows reading one from any
    // thread; this object alone frees it, when the last reference is gone.
    private let result: OpaquePointer?
    fileprivate let statement: String
    private let rowCount: Int
    let columnCount: Int
    private let types: [PostgresType]

    init(_ result: OpaquePointer?, statement: String) {
        self.result = result
        self.statement = statement
        self.rowCount = Int(PQntuples(result))
        self.columnCount = Int(PQnfields(result))
        self.types = (0..<self.columnCount).map { PostgresType(rawValue: PQftype(result, Int32($0))) }
    }

    deinit {
        PQclear(self.result)
    }

    /// Always 0.
    public var startIndex: Int { 0 }
    /// The number of rows.
    public var endIndex: Int { self.rowCount }

    /// One row; the position must be within the indices.
    public subscript(position: Int) -> PostgresRow {
        PostgresRow(rows: self, index: position)
    }

    /// How many rows an INSERT, UPDATE or DELETE touched; the number of rows of a SELECT.
    public var affectedRows: Int {
        guard let text = PQcmdTuples(self.result) else { return 0 }
        return Int(String(cString: text)) ?? 0
    }

    /// The command tag, such as `COMMIT`.
    var commandStatus: String {
        PQcmdStatus(self.result).map { String(cString: $0) } ?? ""
    }

    /// Not `PQfnumber`, which takes letters in either case and quotes for syntax.
    func columnIndex(_ name: String) -> Int? {
        name.withCString { name in
            (0..<self.columnCount).first { strcmp(PQfname(self.result, Int32($0)), name) == 0 }
        }
    }

    func decode<Value: PostgresDecodable>(
        _ type: Value.Type, row: Int, column: Int
    ) throws(PostgresError) -> Value {
        do throws(PostgresError) {
            guard row < self.rowCount, column < self.columnCount else {
                throw PostgresError(.decoding, detail: "no such column")
            }
            if PQgetisnull(self.result, Int32(row), Int32(column)) == 1 {
                return try Value.decodeNull()
            }
            let length = Int(PQgetlength(self.result, Int32(row), Int32(column)))
            let bytes = UnsafeRawBufferPointer(start: PQgetvalue(self.result, Int32(row), Int32(column)), count: length)
            return try Value.decode(bytes, type: self.types[column])
        } catch {
            var error = error
            error.statement = self.statement
            throw error
        }
    }
}

/// One row.
public struct PostgresRow: Sendable {
    let rows: PostgresRows
    let index: Int

    /// All columns by position; their number must be that of the types.
    /// - Throws: `PostgresError.decoding`.
    public func decode<each Value: PostgresDecodable>(
        _ types: (repeat each Value).Type = (repeat each Value).self
    ) throws(PostgresError) -> (repeat each Value) {
        var wanted = 0
        repeat Self.count((each Value).self, &wanted)
        guard wanted == self.rows.columnCount else {
            throw PostgresError(
                .decoding, statement: self.rows.statement, detail: "the row has another number of columns")
        }
        var column = 0
        return (repeat try self.next((each Value).self, &column))
    }

    /// The only column.
    /// - Throws: `PostgresError.decoding`.
    public func decode<Value: PostgresDecodable>(_ type: Value.Type = Value.self) throws(PostgresError) -> Value {
        guard self.rows.columnCount == 1 else {
            throw PostgresError(
                .decoding, statement: self.rows.statement, detail: "the row has another number of columns")
        }
        return try self.rows.decode(type, row: self.index, column: 0)
    }

    /// One column by name.
    /// - Throws: `PostgresError.decoding`.
    public func decode<Value: PostgresDecodable>(
        _ type: Value.Type = Value.self, column: String
    ) throws(PostgresError) -> Value {
        guard let index = self.rows.columnIndex(column) else {
            throw PostgresError(.decoding, statement: self.rows.statement, detail: "no column of this name")
        }
        return try self.rows.decode(type, row: self.index, column: index)
    }

    private static func count<Value>(_ type: Value.Type, _ count: inout Int) {
        count += 1
    }

    private func next<Value: PostgresDecodable>(
        _ type: Value.Type, _ column: inout Int
    ) throws(PostgresError) -> Value {
        defer { column += 1 }
        return try self.rows.decode(type, row: self.index, column: column)
    }
}
