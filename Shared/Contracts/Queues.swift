public import FoundationEssentials
public import JobTypes

/// The queues of the network: one per service, one per agency.
public enum Queues {
    /// Worked by `routing`.
    public static let routing: QueueName = "routing"
    /// Worked by `notification`.
    public static let notification: QueueName = "notification"
    /// Worked by `notification` in slots of its own: danger to life.
    public static let urgentNotification: QueueName = "notification-urgent"

    /// The notification queue for a job of this priority.
    public static func notification(priority: Int) -> QueueName {
        priority == 0 ? Self.urgentNotification : Self.notification
    }

    /// Worked by `gateway`: webhooks.
    public static let gateway: QueueName = "gateway"

    /// What every agency queue's name begins with.
    public static let agencyPrefix = "agency."

    /// The hand-overs of one agency. They are leased through a door of the network, never by a worker of ours.
    public static func agency(_ id: UUID) -> QueueName {
        QueueName(rawValue: Self.agencyPrefix + id.uuidString.lowercased())
    }

    /// The agency whose queue this is; `nil` for the queues of services.
    public static func agencyID(of queue: QueueName) -> UUID? {
        guard queue.rawValue.hasPrefix(Self.agencyPrefix) else { return nil }
        return UUID(uuidString: String(queue.rawValue.dropFirst(Self.agencyPrefix.count)))
    }
}
