/// Finds the first place where a text stops being JSON (RFC 8259). Used only after a decoder has refused the text
/// without saying where.
struct JSONSyntax {
    /// A place in the text, counted from 1; columns count bytes.
    struct Place: Equatable, Error {
        let line: Int
        let column: Int
        let message: String
    }

    private let bytes: [UInt8]
    private var index = 0

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// nil when the whole text is one sound JSON value.
    static func firstError(in bytes: [UInt8]) -> Place? {
        var scanner = JSONSyntax(bytes)
        do throws(Place) {
            if String(validating: bytes, as: UTF8.self) == nil { throw scanner.place("the text is not UTF-8") }
            scanner.skipSpace()
            try scanner.value(depth: 0)
            scanner.skipSpace()
            if scanner.peek != nil { throw scanner.place("nothing may follow the document") }
            return nil
        } catch {
            return error
        }
    }

    private var peek: UInt8? { self.index < self.bytes.count ? self.bytes[self.index] : nil }

    private func place(_ message: String) -> Place {
        let before = self.bytes[..<self.index]
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        return Place(line: line, column: self.index - lineStart + 1, message: message)
    }

    private mutating func skipSpace() {
        while let byte = self.peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { self.index += 1 }
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard self.peek == UInt8(ascii: scalar) else { return false }
        self.index += 1
        return true
    }

    private mutating func value(depth: Int) throws(Place) {
        guard depth < 512 else { throw self.place("too deeply nested") }
        switch self.peek {
        case UInt8(ascii: "{"): try self.object(depth: depth)
        case UInt8(ascii: "["): try self.array(depth: depth)
        case UInt8(ascii: "\""): try self.string()
        case UInt8(ascii: "t"): try self.word("true")
        case UInt8(ascii: "f"): try self.word("false")
        case UInt8(ascii: "n"): try self.word("null")
        case .some(let byte) where byte == UInt8(ascii: "-") || Self.isDigit(byte): try self.number()
        case .some: throw self.place("a value is expected")
        case nil: throw self.place("the document ends too early")
        }
    }

    private mutating func object(depth: Int) throws(Place) {
        self.index += 1
        self.skipSpace()
        if self.take("}") { return }
        repeat {
            self.skipSpace()
            guard self.peek == UInt8(ascii: "\"") else { throw self.place("a field name in double quotes is expected") }
            try self.string()
            self.skipSpace()
            guard self.take(":") else { throw self.place("a colon is expected") }
            self.skipSpace()
            try self.value(depth: depth + 1)
            self.skipSpace()
        } while self.take(",")
        guard self.take("}") else { throw self.place("a comma or } is expected") }
    }

    private mutating func array(depth: Int) throws(Place) {
        self.index += 1
        self.skipSpace()
        if self.take("]") { return }
        repeat {
            self.skipSpace()
            try self.value(depth: depth + 1)
            self.skipSpace()
        } while self.take(",")
        guard self.take("]") else { throw self.place("a comma or ] is expected") }
    }

    private mutating func string() throws(Place) {
        self.index += 1
        while let byte = self.peek {
            switch byte {
            case UInt8(ascii: "\""):
                self.index += 1
                return
            case UInt8(ascii: "\\"):
                self.index += 1
                guard let escape = self.peek, #""\/bfnrtu"#.utf8.contains(escape) else {
                    throw self.place("this escape is not known")
                }
                self.index += 1
                if escape == UInt8(ascii: "u") { try self.hexDigits() }
            case ..<0x20:
                throw self.place("a control character in a string must be escaped")
            default:
                self.index += 1
            }
        }
        throw self.place("a string is not closed")
    }

    private mutating func hexDigits() throws(Place) {
        for _ in 0..<4 {
            guard let byte = self.peek, "0123456789abcdefABCDEF".utf8.contains(byte) else {
                throw self.place("four hexadecimal digits are expected")
            }
            self.index += 1
        }
    }

    private mutating func number() throws(Place) {
        _ = self.take("-")
        if !self.take("0") { try self.digits() }
        if self.take(".") { try self.digits() }
        if self.take("e") || self.take("E") {
            if !self.take("+") { _ = self.take("-") }
            try self.digits()
        }
    }

    private mutating func digits() throws(Place) {
        guard let first = self.peek, Self.isDigit(first) else { throw self.place("a digit is expected") }
        while let byte = self.peek, Self.isDigit(byte) { self.index += 1 }
    }

    private mutating func word(_ word: String) throws(Place) {
        guard self.bytes[self.index...].starts(with: word.utf8) else { throw self.place("a value is expected") }
        self.index += word.utf8.count
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
