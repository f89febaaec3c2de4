import FoundationEssentials
import Testing

@testable import GatewayService

@Suite struct WebhookLanesTests {
    private let lanes: WebhookLanes
    private let agency = UUID()
    private let start = ContinuousClock.now

    init() {
        var limits = WebhookLanes.Limits()
        limits.turn = .zero  // No chance in it.
        self.lanes = WebhookLanes(limits)
    }

    @Test func anAgencyHasSoManyPlacesAndAnotherItsOwn() {
        #expect(self.lanes.enter(self.agency, now: self.start) == .send)
        #expect(self.lanes.enter(self.agency, now: self.start) == .send)
        #expect(self.lanes.enter(self.agency, now: self.start) == .later(.zero))
        #expect(self.lanes.enter(UUID(), now: self.start) == .send)
        self.lanes.leave(self.agency, answered: true, now: self.start)
        #expect(self.lanes.enter(self.agency, now: self.start) == .send)
    }

    @Test func anEndpointThatDoesNotAnswerIsLeftAloneLongerEachTime() {
        var now = self.start
        for pause in [5, 10, 20, 40, 80, 160, 300, 300] {
            #expect(self.lanes.enter(self.agency, now: now) == .send)
            self.lanes.leave(self.agency, answered: false, now: now)
            #expect(self.lanes.enter(self.agency, now: now) == .later(.seconds(pause)))
            now += .seconds(pause)
        }
        // One goes first; when it is answered, all may go.
        #expect(self.lanes.enter(self.agency, now: now) == .send)
        #expect(self.lanes.enter(self.agency, now: now) == .later(.zero))
        self.lanes.leave(self.agency, answered: true, now: now)
        #expect(self.lanes.enter(self.agency, now: now) == .send)
        #expect(self.lanes.enter(self.agency, now: now) == .send)
    }
}
