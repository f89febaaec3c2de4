import Testing

@testable import PostgresClient

@Suite struct PoolStateMachineTests {
    private typealias Machine = PoolStateMachine<Int>

    private let now = ContinuousClock.now

    private func isOpen(_ acquisition: Machine.Acquisition) -> Bool {
        if case .open = acquisition { true } else { false }
    }

    private func isWait(_ acquisition: Machine.Acquisition) -> Bool {
        if case .wait = acquisition { true } else { false }
    }

    /// A machine whose every place is leased.
    private func full(_ maximum: Int, waiters: Int = 10) -> Machine {
        var machine = Machine(maximum: maximum, maximumWaiters: waiters)
        for number in 0..<maximum { _ = machine.acquire(waiter: number) }
        return machine
    }

    @Test func opensUpToTheMaximumThenWaitsThenRefuses() {
        var machine = Machine(maximum: 2, maximumWaiters: 1)
        #expect(self.isOpen(machine.acquire(waiter: 1)))
        #expect(self.isOpen(machine.acquire(waiter: 2)))
        #expect(self.isWait(machine.acquire(waiter: 3)))
        guard case .refuse = machine.acquire(waiter: 4) else {
            Issue.record("one too many waits")
            return
        }
        #expect(machine.places == 2)
        #expect(machine.waitingCount == 1)
    }

    @Test func theConnectionUsedLastIsLeasedFirst() {
        var machine = self.full(2)
        _ = machine.release(10, now: self.now)
        _ = machine.release(11, now: self.now)
        guard case .lease(11, _) = machine.acquire(waiter: 5) else {
            Issue.record("not the last one")
            return
        }
        #expect(machine.idleCount == 1)
    }

    @Test func aConnectionGoesToTheOneWhoHasWaitedLongest() {
        var machine = self.full(1)
        _ = machine.acquire(waiter: 5)
        _ = machine.acquire(waiter: 6)
        guard case .grant(waiter: 5, .lease(10)) = machine.release(10, now: self.now) else {
            Issue.record("not the first waiter")
            return
        }
        #expect(machine.waitingCount == 1)
        #expect(machine.idleCount == 0)
    }

    @Test func aBrokenConnectionsPlaceGoesToAWaiter() {
        var machine = self.full(1)
        _ = machine.acquire(waiter: 5)
        guard case .grant(waiter: 5, .open) = machine.abandonPlace() else {
            Issue.record("the place is lost")
            return
        }
        #expect(machine.places == 1)
        guard case .none = machine.abandonPlace() else {
            Issue.record("nobody waits")
            return
        }
        #expect(machine.places == 0)
    }

    @Test func aWaiterThatGaveUpIsGrantedNothing() {
        var machine = self.full(1)
        _ = machine.acquire(waiter: 5)
        let didGiveUp = [machine.giveUp(waiter: 5), machine.giveUp(waiter: 5)]
        #expect(didGiveUp == [true, false])
        guard case .none = machine.release(10, now: self.now) else {
            Issue.record("granted to nobody")
            return
        }
        #expect(machine.idleCount == 1)
    }

    @Test func aWaiterThatWasGrantedCannotGiveUp() {
        var machine = self.full(1)
        _ = machine.acquire(waiter: 5)
        _ = machine.release(10, now: self.now)
        let didGiveUp = machine.giveUp(waiter: 5)
        #expect(!didGiveUp)
    }

    @Test func shuttingDownClosesWhatIsIdleNowAndWhatIsLeasedLater() {
        var machine = self.full(2)
        _ = machine.release(10, now: self.now)
        let (closed, _) = machine.shutDown()
        #expect(closed == [10])
        #expect(machine.places == 1)
        guard case .shutDown = machine.acquire(waiter: 5), case .close(11) = machine.release(11, now: self.now) else {
            Issue.record("still open")
            return
        }
        #expect(machine.places == 0)
    }

    @Test func shuttingDownTurnsWaitersAway() {
        var machine = self.full(1)
        _ = machine.acquire(waiter: 5)
        _ = machine.acquire(waiter: 6)
        let (_, turnedAway) = machine.shutDown()
        #expect(turnedAway == [5, 6])
        guard case .none = machine.abandonPlace() else {
            Issue.record("granted after the end")
            return
        }
        #expect(machine.places == 0)
    }
}
