import Casework
import FoundationEssentials

/// A lease's name outside: the referral's number and the lease's random alias, `R-7K2M-0QX9.<uuid>`.
///
/// With the number in it, a lease that is over can be told from one that never was, and from another agency's, without
/// keeping a list of past leases. To its holder it is one opaque word.
struct LeaseHandle: Sendable, Equatable, CustomStringConvertible {
    let number: ReferralNumber
    let alias: UUID

    init(number: ReferralNumber, alias: UUID) {
        self.number = number
        self.alias = alias
    }

    /// nil when it cannot be a lease of this gateway.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = ReferralNumber.parse(String(parts[0])),
            let alias = UUID(uuidString: String(parts[1]))
        else { return nil }
        self.init(number: number, alias: alias)
    }

    /// As the referral's row holds it once this lease has accepted.
    var aliasText: String { self.alias.uuidString.lowercased() }

    var description: String { "\(self.number).\(self.aliasText)" }
}
