public import FoundationEssentials

extension Date: PostgresCodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .timestamptz }
    public static var postgresArrayType: PostgresType { .timestamptzArray }

    /// The server counts microseconds from 2000-01-01; Foundation seconds from 2001-01-01.
    private static let offset: Int64 = 366 * 86400 * 1_000_000

    /// A date that is not a number is sent as NULL.
    public var isNull: Bool { self.timeIntervalSinceReferenceDate.isNaN }

    /// Moments beyond what the server can hold become its infinities.
    public func encode(into bytes: inout [UInt8]) {
        let microseconds = (self.timeIntervalSinceReferenceDate * 1_000_000).rounded()
        let value: Int64
        if microseconds >= 9.2e18 - Double(Self.offset) {
            value = .max
        } else if microseconds <= -9.2e18 {
            value = .min
        } else {
            value = Int64(microseconds) + Self.offset
        }
        bytes.append(bigEndian: value)
    }

    public static func decode(_ bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresError) -> Date {
        guard type == .timestamptz else { throw PostgresError(.decoding, detail: "not a timestamptz") }
        try bytes.requireCount(8)
        switch try bytes.bigEndian(Int64.self) {
        case .max: return .distantFuture
        case .min: return .distantPast
        case let value: return Date(timeIntervalSinceReferenceDate: (Double(value) - Double(Self.offset)) / 1_000_000)
        }
    }
}

/// A span of time as a parameter of type `interval`.
public struct PostgresInterval: PostgresCodable, PostgresArrayElement, Hashable {
    /// May be negative.
    public let microseconds: Int64

    public static var postgresType: PostgresType { .interval }
    public static var postgresArrayType: PostgresType { PostgresType(1187) }

    /// A span of so many microseconds.
    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// Whole microseconds of the duration; spans of more than 290,000 years are cut.
    public init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let (product, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, isTooLongAltogether) = product.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        self.microseconds = isTooLong || isTooLongAltogether ? (seconds < 0 ? .min : .max) : sum
    }

    /// The same span.
    public var duration: Duration { .microseconds(self.microseconds) }

    public func encode(into bytes: inout [UInt8]) {
        bytes.append(bigEndian: self.microseconds)
        bytes.append(bigEndian: Int32(0))
        bytes.append(bigEndian: Int32(0))
    }

    /// Days count as 24 hours; months have no length and are refused.
    public static func decode(_ bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresError) -> Self {
        guard type == .interval else { throw PostgresError(.decoding, detail: "not an interval") }
        try bytes.requireCount(16)
        let days = Int64(try bytes.bigEndian(Int32.self, at: 8))
        guard try bytes.bigEndian(Int32.self, at: 12) == 0 else {
            throw PostgresError(.decoding, detail: "an interval with months has no fixed length")
        }
        let (whole, isTooLong) = days.multipliedReportingOverflow(by: 86_400_000_000)
        let (sum, isTooLongAltogether) = try bytes.bigEndian(Int64.self).addingReportingOverflow(whole)
        guard !isTooLong, !isTooLongAltogether else {
            throw PostgresError(.decoding, detail: "interval out of range")
        }
        return PostgresInterval(microseconds: sum)
    }
}
