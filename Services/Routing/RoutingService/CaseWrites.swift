import Casework
import CaseworkStore
import FoundationEssentials
import JobQueue
import PostgresClient
import Safeguarding

/// What routing writes of cases in one transaction, gathered, so that each kind goes as one statement whether it is of one
/// case or of many. Nothing is written before `post`.
struct CaseWrites {
    var decisions: [CaseDecision] = []
    var referrals: [NewReferral] = []
    var clocks: [ClockStart] = []
    var metClocks: [UUID] = []
    var packages: [NewSealedPackage] = []
    var jobs: [JobRequest] = []
    /// What is seldom, after all others and in its order.
    private var rest: [(PostgresTransaction) throws -> Void] = []

    /// Adds something that has no kind here.
    mutating func also(_ write: @escaping (PostgresTransaction) throws -> Void) {
        self.rest.append(write)
    }

    /// Adds those of another case.
    mutating func add(_ other: CaseWrites) {
        self.decisions += other.decisions
        self.referrals += other.referrals
        self.clocks += other.clocks
        self.metClocks += other.metClocks
        self.packages += other.packages
        self.jobs += other.jobs
        self.rest += other.rest
    }

    /// Sends everything with the transaction's next statement: referrals before their clocks, packages and hand-overs, and new
    /// clocks before others end, so that no case is without one.
    func post(by store: JobStore, in transaction: PostgresTransaction) throws {
        if !self.decisions.isEmpty { try CaseStore().record(self.decisions, in: transaction) }
        if !self.referrals.isEmpty { try ReferralStore().create(self.referrals, in: transaction) }
        if !self.clocks.isEmpty { try ClockStore().start(self.clocks, actor: ClockKeeper.actor, in: transaction) }
        if !self.metClocks.isEmpty {
            try ClockStore().postEnd(self.metClocks, as: .met, actor: ClockKeeper.actor, in: transaction)
        }
        if !self.packages.isEmpty { try SealedPackageStore().post(self.packages, in: transaction) }
        if !self.jobs.isEmpty { try store.post(self.jobs, in: transaction) }
        for write in self.rest { try write(transaction) }
    }
}
