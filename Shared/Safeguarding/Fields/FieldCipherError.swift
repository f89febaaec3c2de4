/// Why a sealed field cannot be opened. It holds no part of the field.
public enum FieldCipherError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Too short, or of a format version this software does not know.
    case malformed
    /// Sealed under a key that is not in the key file.
    case unknownKey(id: String)
    /// Changed, or sealed for another table, column or row.
    case notAuthentic
    /// Opened, but not UTF-8 text.
    case notText

    /// What is wrong and, where there is one, the remedy.
    public var description: String {
        switch self {
        case .malformed: "a sealed field has an unknown format"
        case .unknownKey(let id): "the field key file lacks the key \(id), under which a field is sealed; add it back"
        case .notAuthentic: "a sealed field was changed or belongs to another row"
        case .notText: "a sealed field does not hold text"
        }
    }
}
