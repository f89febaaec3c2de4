public import Casework
public import FoundationEssentials

/// Who does something on a case, and through what.
public struct CaseActor: Sendable, Hashable {
    public var staff: StaffID
    /// The client of intake that sent it; `nil` for an operator's command.
    public var client: UUID?

    public init(_ staff: StaffID, client: UUID? = nil) {
        self.staff = staff
        self.client = client
    }
}
