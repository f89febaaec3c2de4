import FoundationEssentials

/// Base64 as RFC 4648, section 4, has it: with padding, and only the one spelling of each value, so that nobody can make two
/// texts of one signature.
enum Base64 {
    static func encode(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

    static func decode(_ text: some StringProtocol) -> [UInt8]? {
        guard let data = Data(base64Encoded: String(text)), data.base64EncodedString() == text else { return nil }
        return Array(data)
    }
}
