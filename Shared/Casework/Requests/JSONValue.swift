/// JSON as it came, before anybody decided what it should be.
enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])
}

/// A strict reader of JSON (RFC 8259), for bytes that anybody may have sent: UTF-8 only, no trailing commas, no repeated
/// keys, at most ``depthLimit`` levels. One pass, no backtracking.
struct JSONReader {
    static let depthLimit = 32

    /// Where the text stops being JSON. It does not quote the text.
    struct Malformed: Error, Hashable {
        let offset: Int
    }

    private let bytes: [UInt8]
    private var index = 0

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Reads one value and nothing after it but white space.
    static func read(_ bytes: [UInt8]) throws(Malformed) -> JSONValue {
        var reader = JSONReader(bytes)
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.index == bytes.count else { throw Malformed(offset: reader.index) }
        return value
    }

    private var malformed: Malformed { Malformed(offset: self.index) }

    private var byte: UInt8? { self.index < self.bytes.count ? self.bytes[self.index] : nil }

    private mutating func skipSpace() {
        while let byte, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            self.index += 1
        }
    }

    /// Takes the next byte when it is this one.
    private mutating func take(_ expected: Unicode.Scalar) -> Bool {
        guard self.byte == UInt8(ascii: expected) else { return false }
        self.index += 1
        return true
    }

    private mutating func value(depth: Int) throws(Malformed) -> JSONValue {
        guard depth < Self.depthLimit else { throw self.malformed }
        self.skipSpace()
        switch self.byte {
        case UInt8(ascii: "{"): return try self.object(depth: depth)
        case UInt8(ascii: "["): return try self.array(depth: depth)
        case UInt8(ascii: "\""): return .string(try self.string())
        case UInt8(ascii: "t"): return try self.word("true", .bool(true))
        case UInt8(ascii: "f"): return try self.word("false", .bool(false))
        case UInt8(ascii: "n"): return try self.word("null", .null)
        default: return .number(try self.number())
        }
    }

    private mutating func word(_ text: StaticString, _ value: JSONValue) throws(Malformed) -> JSONValue {
        let end = self.index + text.utf8CodeUnitCount
        let matches = text.withUTF8Buffer { word in
            end <= self.bytes.count && self.bytes[self.index..<end].elementsEqual(word)
        }
        guard matches else { throw self.malformed }
        self.index = end
        return value
    }

    private mutating func object(depth: Int) throws(Malformed) -> JSONValue {
        self.index += 1
        var object: [String: JSONValue] = [:]
        self.skipSpace()
        if self.take("}") { return .object(object) }
        while true {
            self.skipSpace()
            guard self.byte == UInt8(ascii: "\"") else { throw self.malformed }
            let start = self.index
            let key = try self.string()
            self.skipSpace()
            guard self.take(":") else { throw self.malformed }
            let value = try self.value(depth: depth + 1)
            guard object.updateValue(value, forKey: key) == nil else { throw Malformed(offset: start) }
            self.skipSpace()
            if self.take("}") { return .object(object) }
            guard self.take(",") else { throw self.malformed }
        }
    }

    private mutating func array(depth: Int) throws(Malformed) -> JSONValue {
        self.index += 1
        var array: [JSONValue] = []
        self.skipSpace()
        if self.take("]") { return .array(array) }
        while true {
            array.append(try self.value(depth: depth + 1))
            self.skipSpace()
            if self.take("]") { return .array(array) }
            guard self.take(",") else { throw self.malformed }
        }
    }

    private mutating func string() throws(Malformed) -> String {
        self.index += 1
        let start = self.index
        var text: [UInt8] = []
        while let byte {
            switch byte {
            case UInt8(ascii: "\""):
                self.index += 1
                guard let string = String(validating: text, as: UTF8.self) else { throw Malformed(offset: start) }
                return string
            case UInt8(ascii: "\\"):
                self.index += 1
                let scalar = try self.escape()
                text.append(contentsOf: String(Character(scalar)).utf8)
            case 0..<0x20:
                throw self.malformed
            default:
                text.append(byte)
                self.index += 1
            }
        }
        throw self.malformed
    }

    /// What stands after a backslash.
    private mutating func escape() throws(Malformed) -> Unicode.Scalar {
        guard let byte else { throw self.malformed }
        self.index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try self.unicodeEscape()
        default: throw Malformed(offset: self.index - 1)
        }
    }

    /// Four hexadecimal digits, or two times four for a surrogate pair.
    private mutating func unicodeEscape() throws(Malformed) -> Unicode.Scalar {
        let first = try self.hexadecimal()
        guard (0xD800..<0xDC00).contains(first) else {
            guard let scalar = Unicode.Scalar(first) else { throw self.malformed }
            return scalar
        }
        guard self.take("\\"), self.take("u") else { throw self.malformed }
        let second = try self.hexadecimal()
        guard (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else { throw self.malformed }
        return scalar
    }

    private mutating func hexadecimal() throws(Malformed) -> UInt32 {
        var number: UInt32 = 0
        for _ in 0..<4 {
            guard let byte, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw self.malformed }
            number = number << 4 | UInt32(digit)
            self.index += 1
        }
        return number
    }

    /// A number as the RFC writes it, so no leading zero or plus, and finite.
    private mutating func number() throws(Malformed) -> Double {
        let start = self.index
        _ = self.take("-")
        if !self.take("0") {
            guard self.digits() > 0 else { throw self.malformed }
        }
        if self.take(".") {
            guard self.digits() > 0 else { throw self.malformed }
        }
        if self.take("e") || self.take("E") {
            if !self.take("+") { _ = self.take("-") }
            guard self.digits() > 0 else { throw self.malformed }
        }
        let text = String(decoding: self.bytes[start..<self.index], as: UTF8.self)
        guard let number = Double(text), number.isFinite else { throw Malformed(offset: start) }
        return number
    }

    private mutating func digits() -> Int {
        let start = self.index
        while let byte, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            self.index += 1
        }
        return self.index - start
    }
}
