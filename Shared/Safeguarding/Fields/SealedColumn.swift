/// A column that holds sealed personal data: the one list of them that every service shares, since a field opens only
/// under the names it was sealed under.
public struct SealedColumn: Sendable, Hashable {
    /// The table with its schema.
    public let table: String
    /// The column.
    public let column: String

    /// Names a column; use the constants for the columns of the network.
    public init(table: String, column: String) {
        self.table = table
        self.column = column
    }

    /// A person's name; the row is the person.
    public static let personName = SealedColumn(table: "casework.person", column: "name")
    /// A person's telephone number; the row is the person.
    public static let personPhone = SealedColumn(table: "casework.person", column: "phone")
    /// A person's email address; the row is the person.
    public static let personEmail = SealedColumn(table: "casework.person", column: "email")
    /// A person's date of birth, as `yyyy-MM-dd`; the row is the person.
    public static let personBirthDate = SealedColumn(table: "casework.person", column: "birth_date")
    /// The words of a narrative that ask for a question; the row is the suggestion.
    public static let triageWords = SealedColumn(table: "casework.triage", column: "words")
    /// The minutes of a case conference; the row is the conference.
    public static let conferenceMinutes = SealedColumn(table: "casework.conference", column: "minutes")
    /// Why somebody opened access to a case; the row is the grant.
    public static let accessReason = SealedColumn(table: "casework.access_grant", column: "reason")
    /// What happened, in words; the row is the case.
    public static let caseNarrative = SealedColumn(table: "casework.cases", column: "narrative")
}
