import JobQueue
import JobTypes

/// Carries the bell to the producer. What a lost bell would have told, a beat does.
struct Notifier: Sendable {
    let rings: BellRings
    /// What this process works on, as the bell names it.
    let queues: [QueueTag: QueueName]
    let producer: Producer
    let heartbeat: Heartbeat

    /// Runs until cancelled.
    func run() async {
        for await event in self.rings {
            switch event {
            case .rang(let tag):
                if let queue = self.queues[tag] { self.producer.bellRang(queue) }
            case .mayHaveMissed: self.heartbeat.beatSoon()
            }
        }
    }
}
