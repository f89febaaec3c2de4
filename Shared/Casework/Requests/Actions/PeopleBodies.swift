public import FoundationEssentials

/// Access with a reason, by somebody who otherwise may not read the case.
public struct AccessBody: Sendable, Hashable {
    public let by: StaffID
    /// In words; it may speak of people.
    public let reason: String

    /// Reads `{by, reason}`.
    public static func parse(_ data: Data) throws(IntakeRejection) -> AccessBody {
        try ActionBody.read(data, fields: ["reason"]) { reader, problems in
            reader.require("reason", &problems)
            let by = reader.staff(&problems)
            let reason = reader.text("reason", limit: 500, &problems)
            if let reason, reason.filter({ !$0.isWhitespace }).count < 4 {
                reader.report("reason", .empty, "must say why, in at least four characters", &problems)
            }
            guard let by, let reason else { return nil }
            return AccessBody(by: by, reason: reason)
        }
    }
}

/// What somebody found out about two cases.
public struct LinkBody: Sendable, Hashable {
    public let by: StaffID
    public let other: CaseNumber
    public let relation: CaseRelation

    /// Reads `{by, other, relation}`.
    public static func parse(_ data: Data) throws(IntakeRejection) -> LinkBody {
        try ActionBody.read(data, fields: ["other", "relation"]) { reader, problems in
            for name in ["other", "relation"] { reader.require(name, &problems) }
            let by = reader.staff(&problems)
            let relation = reader.word("relation", as: CaseRelation.self, &problems)
            let text = reader.text("other", limit: 20, &problems)
            let other = text.flatMap(CaseNumber.parse)
            if text != nil, other == nil { reader.report("other", .malformed, "must be a case's number", &problems) }
            guard let by, let other, let relation else { return nil }
            return LinkBody(by: by, other: other, relation: relation)
        }
    }
}

/// A conference whose minutes are to be read.
public struct MinutesBody: Sendable, Hashable {
    public let by: StaffID
    public let conference: UUID

    /// Reads `{by, conference}`.
    public static func parse(_ data: Data) throws(IntakeRejection) -> MinutesBody {
        try ActionBody.read(data, fields: ["conference"]) { reader, problems in
            reader.require("conference", &problems)
            let by = reader.staff(&problems)
            let conference = reader.id("conference", &problems)
            guard let by, let conference else { return nil }
            return MinutesBody(by: by, conference: conference)
        }
    }
}

/// A member of staff is related to whoever has this number or address.
public struct RelationBody: Sendable, Hashable {
    public let staff: StaffID
    public let phone: String?
    public let email: String?

    /// Reads `{by, phone, email}`, one of the two: `by` is the member of staff who says so of herself.
    public static func parse(_ data: Data) throws(IntakeRejection) -> RelationBody {
        try ActionBody.read(data, fields: ["phone", "email"]) { reader, problems in
            let by = reader.staff(&problems)
            let phone = reader.text("phone", limit: 32, &problems)
            let email = reader.text("email", limit: 254, &problems)
            if (phone == nil) == (email == nil) {
                reader.report("phone", .inconsistent, "name a phone or an email, one of them", &problems)
            }
            guard let by else { return nil }
            return RelationBody(staff: by, phone: phone, email: email)
        }
    }
}
