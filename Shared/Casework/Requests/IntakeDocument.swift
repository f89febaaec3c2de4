/// A request for help as JSON that is well formed, before anybody has decided whether it says what it should. Read once, it can be
/// asked where it comes from and then be checked.
public struct IntakeDocument: Sendable {
    let value: JSONValue

    /// - Throws: a rejection that says where the bytes stop being JSON.
    public init(_ bytes: [UInt8]) throws(IntakeRejection) {
        do {
            self.value = try JSONReader.read(bytes)
        } catch {
            throw IntakeRejection(problems: [
                FieldProblem(
                    field: "", code: .malformedJSON,
                    message: "the body is not valid JSON in UTF-8, from byte \(error.offset) on")
            ])
        }
    }

    /// The division it names, unchecked; nil when it names none in words.
    public var division: String? {
        guard case .object(let object) = self.value, case .string(let text)? = object["division"] else { return nil }
        return text
    }
}
