import Casework
import Crypto
import FoundationEssentials
import Safeguarding

/// What intake derives from the index keys and therefore never has to store: the receipt of a case, and the fingerprint
/// that tells whether a repeated request is the same one.
struct IntakeSecrets: Sendable {
    /// The most characters a name in a request may have.
    static let longestName = 100

    private let receiptKey: SymmetricKey
    private let fingerprintKey: SymmetricKey

    init(index: BlindIndex) {
        self.receiptKey = Self.derive("receipt", from: index)
        self.fingerprintKey = Self.derive("fingerprint", from: index)
    }

    /// The receipt of a case: always the same one, and nobody without the key can tell it from random.
    func receipt(for caseID: UUID) -> Receipt {
        let code = HMAC<SHA256>.authenticationCode(
            for: withUnsafeBytes(of: caseID.uuid) { Array($0) }, using: self.receiptKey)
        var symbols = DerivedBytes(Array(code))
        return Receipt(using: &symbols)
    }

    /// What of a receipt is stored.
    static func hash(of receipt: Receipt) -> [UInt8] {
        Array(SHA256.hash(data: Array(receipt.symbols.utf8)))
    }

    /// What of a body is stored beside its idempotency key. Keyed, since a plain hash of a short body could be found by
    /// trying names and numbers.
    func fingerprint(of body: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: body, using: self.fingerprintKey))
    }

    /// The label is longer than any name a request may hold, so no stored index of a name can equal this key.
    private static func derive(_ purpose: String, from index: BlindIndex) -> SymmetricKey {
        let label = "dandelion.intake.\(purpose).1" + String(repeating: ".", count: 2 * Self.longestName)
        guard let bytes = index.index(label, of: .name) else {
            preconditionFailure("something is left of the label after normalisation")
        }
        return SymmetricKey(data: bytes)
    }
}

/// Bytes that were derived, handed out one by one where random ones are expected. More may not be asked for than there
/// are.
private struct DerivedBytes: RandomNumberGenerator {
    private var bytes: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        self.bytes = bytes[...]
    }

    mutating func next() -> UInt64 {
        guard let byte = self.bytes.popFirst() else { preconditionFailure("more symbols than derived bytes") }
        return UInt64(byte)
    }
}
