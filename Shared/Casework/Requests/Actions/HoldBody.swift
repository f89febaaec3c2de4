public import FoundationEssentials

/// A supervisor holds a case beyond its time, or releases it.
public struct HoldBody: Sendable, Hashable {
    public let by: StaffID
    public let reason: LegalHold
    public let stands: Bool

    /// Reads `{by, reason, stands}`.
    public static func parse(_ data: Data) throws(IntakeRejection) -> HoldBody {
        try ActionBody.read(data, fields: ["reason", "stands"]) { reader, problems in
            for name in ["reason", "stands"] { reader.require(name, &problems) }
            let by = reader.staff(&problems)
            let reason = reader.word("reason", as: LegalHold.self, &problems)
            let stands = reader.flag("stands", &problems)
            guard let by, let reason, let stands else { return nil }
            return HoldBody(by: by, reason: reason, stands: stands)
        }
    }
}
