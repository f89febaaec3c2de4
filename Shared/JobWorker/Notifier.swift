import JobQueue
import JobTypes
import PostgresClient

/// Carries the bell to the producer. What a lost bell would have told, a beat does.
struct Notifier: Sendable {
    let events: AsyncStream<PostgresListenerEvent>
    let producer: Producer
    let heartbeat: Heartbeat

    /// Runs until cancelled.
    func run() async {
        for await event in self.events {
            switch event {
            case .notification(let queue): self.producer.bellRang(QueueName(rawValue: queue))
            case .mayHaveMissed: self.heartbeat.beatSoon()
            }
        }
    }
}
