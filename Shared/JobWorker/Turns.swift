/// Deficit round robin: whose turn it is among those that want something, and how much each may take.
///
/// At its turn a member is given its share (`full` for the heaviest of those that take part, less in proportion for the
/// others) and takes until that is used up; what is left stays with it for the next turn, unless it wants no more.
/// Members that want nothing are not here, so a turn costs the same however many there are.
struct Turns<Member: Hashable & Sendable>: Equatable {
    private struct Account: Equatable {
        let weight: Double
        var credit = 0.0
        /// It has been given its share of this turn.
        var isServed = false
    }

    private var accounts: [Member: Account] = [:]
    /// The one at `head` has its turn; what is before it is gone.
    private var row: [Member] = []
    private var head = 0
    /// How many there are of each weight: few weights, however many members.
    private var weights: [Double: Int] = [:]

    var isEmpty: Bool { self.accounts.isEmpty }

    /// Takes part from now on, at the end of the row. Does nothing for one that does already.
    /// - Parameter weight: above 0.
    mutating func join(_ member: Member, weight: Double) {
        guard self.accounts[member] == nil else { return }
        self.accounts[member] = Account(weight: weight)
        self.weights[weight, default: 0] += 1
        self.row.append(member)
    }

    /// Wants nothing more; what it had left is gone.
    mutating func leave(_ member: Member) {
        guard let account = self.accounts.removeValue(forKey: member) else { return }
        let others = (self.weights[account.weight] ?? 1) - 1
        self.weights[account.weight] = others > 0 ? others : nil
        // Nearly always it is the one whose turn it is, or was just now.
        if self.row[self.head] == member {
            self.advance()
        } else if self.row.last == member {
            self.row.removeLast()
        } else if let place = self.row[self.head...].firstIndex(of: member) {
            self.row.remove(at: place)
        }
    }

    /// The member whose turn it is, with what it may take now: at least one.
    mutating func current(full: Int) -> (member: Member, credit: Int)? {
        let heaviest = self.weights.keys.max() ?? 1
        // A light member may need several rounds for one; the heaviest has enough at its first turn.
        while self.head < self.row.count {
            let member = self.row[self.head]
            guard var account = self.accounts[member] else { return nil }
            if !account.isServed {
                account.credit += Double(max(1, full)) * account.weight / heaviest
                account.isServed = true
                self.accounts[member] = account
            }
            if account.credit >= 1 { return (member, Int(account.credit)) }
            self.pass(member)
        }
        return nil
    }

    /// The member has taken so many. Its turn is over when less than one is left to it.
    mutating func took(_ member: Member, _ count: Int) {
        guard var account = self.accounts[member] else { return }
        account.credit -= Double(count)
        self.accounts[member] = account
        if account.credit < 1, self.row[self.head] == member { self.pass(member) }
    }

    /// To the end of the row.
    private mutating func pass(_ member: Member) {
        self.accounts[member]?.isServed = false
        self.row.append(member)
        self.advance()
    }

    private mutating func advance() {
        self.head += 1
        guard self.head > 64, self.head * 2 > self.row.count else { return }
        self.row.removeFirst(self.head)
        self.head = 0
    }
}
