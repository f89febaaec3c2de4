import Casework
import CaseworkStore
import FoundationEssentials

/// A request as it goes into the database: sealed, with its ids. It stays the same however often the transaction is
/// run; only the case's number is drawn anew each time.
struct CaseDraft: Sendable {
    let id: UUID
    let client: IntakeClient
    let facts: CaseFacts
    /// Sealed.
    let narrative: [UInt8]?
    let people: [NewPerson]
    let contactRules: [NewContactRule]
    let firstResponse: NewClock
    /// What words of the narrative ask for; sealed.
    let triage: TriageSealer.Found

    func newCase(receiptHash: [UInt8]) -> NewCase {
        var generator = SystemRandomNumberGenerator()
        return NewCase(
            id: self.id, number: CaseNumber.random(using: &generator), receiptHash: receiptHash,
            channel: self.facts.channel, division: self.facts.division, risk: self.facts.risk, facts: self.facts,
            narrative: self.narrative, clientID: self.client.id, clientName: self.client.name, people: self.people,
            contactRules: self.contactRules, consents: self.facts.consents, firstResponse: self.firstResponse)
    }
}
