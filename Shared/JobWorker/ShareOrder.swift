import JobQueue
import JobTypes

/// The order in which queues with something to claim have their turn: first those below their minimum, then groups in turn,
/// and within a group its queues in turn.
struct ShareOrder: Equatable {
    /// A queue without a group is one of its own.
    private enum Group: Hashable, Sendable {
        case named(String)
        case only(QueueName)
    }

    private var shares: [QueueName: QueueShare] = [:]
    private var groups = Turns<Group>()
    private var queues: [Group: Turns<QueueName>] = [:]
    private var members: Set<QueueName> = []
    /// Those that take part and have a minimum: few.
    private var reserved: [QueueName] = []

    /// Nobody has anything to claim.
    var isEmpty: Bool { self.members.isEmpty }

    /// Queues that are not named have the usual share.
    mutating func set(_ shares: [QueueName: QueueShare]) {
        guard shares != self.shares else { return }
        let members = self.members
        for queue in members { self.leave(queue) }
        self.shares = shares
        for queue in members.sorted(by: { $0.rawValue < $1.rawValue }) { self.join(queue) }
    }

    mutating func join(_ queue: QueueName) {
        guard self.members.insert(queue).inserted else { return }
        let share = self.shares[queue] ?? QueueShare()
        let group = share.group.map { Group.named($0) } ?? .only(queue)
        self.groups.join(group, weight: share.group == nil ? share.weight : share.groupWeight)
        self.queues[group, default: Turns()].join(queue, weight: share.weight)
        if share.minimum > 0 { self.reserved.append(queue) }
    }

    mutating func leave(_ queue: QueueName) {
        guard self.members.remove(queue) != nil else { return }
        let group = self.group(of: queue)
        self.queues[group]?.leave(queue)
        if self.queues[group]?.isEmpty ?? true {
            self.queues[group] = nil
            self.groups.leave(group)
        }
        self.reserved.removeAll { $0 == queue }
    }

    /// The queue whose turn it is and how many jobs it may have, at most `full`.
    mutating func next(full: Int, running: (QueueName) -> Int) -> (queue: QueueName, limit: Int)? {
        for queue in self.reserved {
            let missing = (self.shares[queue]?.minimum ?? 0) - running(queue)
            if missing > 0 { return (queue, min(missing, full)) }
        }
        guard let (group, credit) = self.groups.current(full: full),
            let (queue, share) = self.queues[group]?.current(full: full)
        else { return nil }
        return (queue, min(credit, share, full))
    }

    /// So many were asked for in the queue's name.
    mutating func took(_ queue: QueueName, _ count: Int) {
        let group = self.group(of: queue)
        self.queues[group]?.took(queue, count)
        self.groups.took(group, count)
    }

    private func group(of queue: QueueName) -> Group {
        self.shares[queue]?.group.map { .named($0) } ?? .only(queue)
    }
}
