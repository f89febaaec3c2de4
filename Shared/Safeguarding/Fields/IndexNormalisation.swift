import Foundation

/// How a value is written before it is indexed or compared, so that the same number, address or name is found whichever
/// way somebody typed it. These rules are part of the data: changing one means building every index again.
public enum IndexNormalisation {
    /// A telephone number as its digits.
    ///
    /// - Full-width digits count as digits; spaces, hyphens, dots, brackets and slashes are left out. Reading starts at
    ///   the first digit or `+` and ends at the first other character after it, so an extension (`转8`) is left out.
    /// - `+86`, `0086`, and `86` before a mobile number are left out. A mobile number is 11 digits that start with 13
    ///   to 19, and is written as such, also when somebody put a 0 before it.
    /// - Any other number with mainland's country code gets its 0 back: `+86 471 123 4567` is `04711234567`.
    /// - A number of another country is `00`, its country code, its digits.
    /// - Returns: `nil` when no digit is left.
    public static func phone(_ text: String) -> String? {
        let folded = text.precomposedStringWithCompatibilityMapping.unicodeScalars
        var digits = ""
        var isInternational = false
        scan: for scalar in folded.drop(while: { !Self.isDigit($0) && $0 != "+" }) {
            switch scalar {
            case _ where Self.isDigit(scalar): digits.unicodeScalars.append(scalar)
            case "+" where digits.isEmpty: isInternational = true
            case " ", "-", "(", ")", ".", "/", "\u{2010}"..."\u{2014}", "\u{2212}": continue
            default: break scan
            }
        }
        if !isInternational && digits.hasPrefix("00") {
            isInternational = true
            digits.removeFirst(2)
        }
        if isInternational {
            guard digits.hasPrefix("86") else { return digits.isEmpty ? nil : "00\(digits)" }
            let national = String(digits.dropFirst(2))
            return Self.mobile(national)
                ?? (national.hasPrefix("0") || national.isEmpty ? national : "0\(national)")
                .nonEmpty
        }
        if digits.hasPrefix("86"), let mobile = Self.mobile(String(digits.dropFirst(2))) {
            return mobile
        }
        return Self.mobile(digits) ?? digits.nonEmpty
    }

    /// An email address in lower case, composed (NFC), without spaces around it and without a dot at its end.
    /// - Returns: `nil` when nothing is left.
    public static func email(_ text: String) -> String? {
        var address = Self.trimmed(text.precomposedStringWithCanonicalMapping).lowercased()
        while address.hasSuffix(".") {
            address.removeLast()
        }
        return address.nonEmpty
    }

    /// A name, composed (NFC) and in lower case, without spaces around it, with single spaces inside; the middle dot of
    /// names such as 阿依古丽·买买提 is always U+00B7, whichever of its look-alikes was typed.
    /// - Returns: `nil` when nothing is left.
    public static func name(_ text: String) -> String? {
        let composed = text.precomposedStringWithCanonicalMapping.lowercased()
        let words = composed.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let dots: Set<Character> = ["\u{2022}", "\u{2027}", "\u{22C5}", "\u{30FB}", "\u{FF0E}", "\u{FF65}"]
        return String(words.map { dots.contains($0) ? "\u{00B7}" : $0 }).nonEmpty
    }

    private static func mobile(_ digits: String) -> String? {
        let national = digits.hasPrefix("0") ? String(digits.dropFirst()) : digits
        guard national.utf8.count == 11, national.hasPrefix("1"), let second = national.dropFirst().first,
            ("3"..."9").contains(second)
        else { return nil }
        return national
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
        ("0"..."9").contains(scalar)
    }

    static func trimmed(_ text: String) -> String {
        let start = text.drop(while: \.isWhitespace)
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...end])
    }
}

extension String {
    fileprivate var nonEmpty: String? { self.isEmpty ? nil : self }
}
