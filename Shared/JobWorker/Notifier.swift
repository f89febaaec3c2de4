import JobQueue
import JobTypes
import PostgresClient

/// Carries the bell to the producer, and polls in case a bell was lost.
struct Notifier: Sendable {
    let events: AsyncStream<PostgresListenerEvent>
    let pollInterval: Duration
    let producer: Producer

    /// Runs until cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await event in self.events {
                    switch event {
                    case .notification(let queue): self.producer.bellRang(QueueName(rawValue: queue))
                    case .mayHaveMissed: self.producer.pollDue()
                    }
                }
            }
            group.addTask {
                while !Task.isCancelled {
                    self.producer.pollDue()
                    do {
                        // Processes that started together do not poll together.
                        try await Task.sleep(for: self.pollInterval * Double.random(in: 0.8...1.2))
                    } catch {
                        return
                    }
                }
            }
        }
    }
}
