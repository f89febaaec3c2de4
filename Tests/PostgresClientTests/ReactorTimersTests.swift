import NIOConcurrencyHelpers
import Testing

@testable import PostgresClient

struct ReactorTimersTests {
    private let start = ContinuousClock.now
    private let fired = NIOLockedValueBox<[Int]>([])

    private func note(_ number: Int) -> @Sendable () -> Void {
        let fired = self.fired
        return { fired.withLockedValue { $0.append(number) } }
    }

    private func run(_ timers: inout ReactorTimers, at time: Duration) -> Int32 {
        let (due, wait) = timers.takeDue(at: self.start + time)
        for closure in due { closure() }
        return wait
    }

    @Test func whatIsDueComesInOrderAndOnce() {
        var timers = ReactorTimers()
        #expect(timers.add(self.start + .seconds(2), self.note(2)).1)
        #expect(!timers.add(self.start + .seconds(3), self.note(3)).1)
        #expect(timers.add(self.start + .seconds(1), self.note(1)).1)
        #expect(self.run(&timers, at: .milliseconds(999)) == 1)
        #expect(self.run(&timers, at: .seconds(2)) == 1000)
        #expect(self.fired.withLockedValue { $0 } == [1, 2])
        #expect(self.run(&timers, at: .seconds(9)) == -1)
        #expect(self.fired.withLockedValue { $0 } == [1, 2, 3])
        #expect(timers.count == 0)
    }

    @Test func whatWasCalledOffNeverComesAndWakesNobody() {
        var timers = ReactorTimers()
        let (id, _) = timers.add(self.start + .seconds(1), self.note(1))
        _ = timers.add(self.start + .seconds(5), self.note(5))
        timers.remove(id)
        timers.remove(id)
        #expect(self.run(&timers, at: .zero) == 5000)
        #expect(self.run(&timers, at: .seconds(5)) == -1)
        #expect(self.fired.withLockedValue { $0 } == [5])
    }

    /// A wait is rounded up, or the thread would look again and again in the last millisecond; and it has an end that fits.
    @Test func waitsAreRoundedUpAndHaveAnEnd() {
        var timers = ReactorTimers()
        _ = timers.add(self.start + .nanoseconds(1), self.note(1))
        #expect(self.run(&timers, at: .zero) == 1)
        #expect(self.run(&timers, at: .nanoseconds(1)) == -1)
        _ = timers.add(self.start + .seconds(1_000_000_000), self.note(2))
        #expect(self.run(&timers, at: .zero) == 3_600_000)
    }

    @Test func aSleepLastsItsTime() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for milliseconds in [0, 1, 3, 40, 3, 1] {
                group.addTask {
                    let start = ContinuousClock.now
                    try await PostgresThread.sleep(for: .milliseconds(milliseconds))
                    #expect(ContinuousClock.now - start >= .milliseconds(milliseconds))
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func aSleepEndsWithItsTask() async {
        for isEarly in [true, false] {
            let task = Task { try await PostgresThread.sleep(for: .seconds(3600)) }
            if !isEarly { await Task.yield() }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }
}
