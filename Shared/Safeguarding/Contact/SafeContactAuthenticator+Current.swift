import Casework
public import FoundationEssentials

extension SafeContactAuthenticator {
    /// What a person said last about how she may be reached: her verified rules of the newest confirmation, since
    /// confirming again replaces what was said before.
    ///
    /// Fails, and nobody may contact her, when there is no rule, when one rule's tag is wrong (a "never" may have been
    /// replaced by it), when she asked to stop since, or when she said never.
    public func current(
        _ rules: [StoredSafeContact], of person: UUID
    ) -> Result<[VerifiedSafeContact], DenialReason> {
        var verified: [VerifiedSafeContact] = []
        for stored in rules {
            guard let contact = self.verify(stored.rule, tag: stored.tag, person: person) else {
                return .failure(.refusedRule)
            }
            verified.append(contact)
        }
        guard let newest = verified.map(\.rule.confirmedAt).max() else { return .failure(.noRule) }
        if verified.contains(where: { $0.rule.stoppedAt.map { $0 >= newest } ?? false }) {
            return .failure(.stopped)
        }
        let current = verified.filter { $0.rule.confirmedAt == newest }
        if current.contains(where: { $0.rule.channel == .none }) {
            return .failure(.never)
        }
        return .success(current)
    }
}
