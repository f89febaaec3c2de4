import FoundationEssentials

/// What staff send about a case: one JSON object, read as strictly as a request for help. Every body names under `by` the
/// member of staff who answers for it.
enum ActionBody {
    /// Reads a body. Throws with every wrong field at once.
    static func read<Value>(
        _ data: Data, fields: Set<String>, _ body: (FieldReader, inout [FieldProblem]) -> Value?
    ) throws(IntakeRejection) -> Value {
        let value: JSONValue
        do {
            value = try JSONReader.read(Array(data))
        } catch {
            throw IntakeRejection(problems: [
                FieldProblem(
                    field: "", code: .malformedJSON,
                    message: "the body is not valid JSON in UTF-8, from byte \(error.offset) on")
            ])
        }
        var problems: [FieldProblem] = []
        guard let reader = FieldReader(value, path: "", fields: fields.union(["by"]), &problems) else {
            throw IntakeRejection(problems: problems)
        }
        let read = body(reader, &problems)
        guard problems.isEmpty, let read else {
            throw IntakeRejection(problems: problems)
        }
        return read
    }
}

extension FieldReader {
    /// An id of a member of staff, which is required.
    func staff(_ problems: inout [FieldProblem], named name: String = "by") -> StaffID? {
        self.require(name, &problems)
        guard let id = self.text(name, limit: 32, &problems).map(StaffID.init(rawValue:)) else { return nil }
        guard id.isWellFormed else {
            self.report(name, .malformed, "must be the id of a member of staff", &problems)
            return nil
        }
        return id
    }

    /// An agency's code.
    func agencyCode(_ name: String, _ problems: inout [FieldProblem]) -> String? {
        guard let code = self.text(name, limit: 80, &problems) else { return nil }
        guard Agency.isWellFormed(code: code) else {
            self.report(name, .malformed, "must be an agency's code of a-z, 0-9 and hyphens", &problems)
            return nil
        }
        return code
    }
}
