/// A type of the server, by its OID (stable since PostgreSQL was young: `pg_type.dat`).
public struct PostgresType: RawRepresentable, Hashable, Sendable {
    /// The OID.
    public let rawValue: UInt32

    /// A type that has no name here, such as one of your own.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Whether it is one of the scalar types named here. Arrays of enums and domains have numbers of their own.
    var isScalar: Bool { Self.scalars.contains(self) }

    private static let scalars: Set<PostgresType> = [
        .bool, .bytea, .name, .int8, .int2, .int4, .text, .oid, .json, .float4, .float8, .bpchar, .varchar,
        .timestamptz, .interval, .void, .uuid, .jsonb, .unknown,
    ]

    init(_ rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// `Bool`.
    public static let bool = PostgresType(16)
    /// `[UInt8]`.
    public static let bytea = PostgresType(17)
    /// Read as `String`: names in the catalogues.
    public static let name = PostgresType(19)
    /// `Int` and `Int64`.
    public static let int8 = PostgresType(20)
    /// `Int16`.
    public static let int2 = PostgresType(21)
    /// `Int32`.
    public static let int4 = PostgresType(23)
    /// `String`.
    public static let text = PostgresType(25)
    /// Read as an integer.
    public static let oid = PostgresType(26)
    /// Read as `PostgresJSON` or `String`.
    public static let json = PostgresType(114)
    /// Read as `Double`.
    public static let float4 = PostgresType(700)
    /// `Double`.
    public static let float8 = PostgresType(701)
    /// Read as `String`: `char(n)`.
    public static let bpchar = PostgresType(1042)
    /// Read as `String`.
    public static let varchar = PostgresType(1043)
    /// `Date`.
    public static let timestamptz = PostgresType(1184)
    /// `PostgresInterval`.
    public static let interval = PostgresType(1186)
    /// Read as an empty `String`: what a function without a result returns.
    public static let void = PostgresType(2278)
    /// `UUID`.
    public static let uuid = PostgresType(2950)
    /// `PostgresJSON`.
    public static let jsonb = PostgresType(3802)
    /// Read as `String`: a literal without a type.
    public static let unknown = PostgresType(705)

    /// An array of `bool`.
    public static let boolArray = PostgresType(1000)
    /// An array of `bytea`.
    public static let byteaArray = PostgresType(1001)
    /// An array of `name`.
    public static let nameArray = PostgresType(1003)
    /// An array of `int2`.
    public static let int2Array = PostgresType(1005)
    /// An array of `int4`.
    public static let int4Array = PostgresType(1007)
    /// An array of `text`.
    public static let textArray = PostgresType(1009)
    /// An array of `int8`.
    public static let int8Array = PostgresType(1016)
    /// An array of `varchar`.
    public static let varcharArray = PostgresType(1015)
    /// An array of `float8`.
    public static let float8Array = PostgresType(1022)
    /// An array of `timestamptz`.
    public static let timestamptzArray = PostgresType(1185)
    /// An array of `uuid`.
    public static let uuidArray = PostgresType(2951)
    /// An array of `jsonb`.
    public static let jsonbArray = PostgresType(3807)
}
