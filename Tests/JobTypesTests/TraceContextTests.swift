import JobTypes
import Testing

struct TraceContextTests {
    static let example = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test func readsAndWritesTheHeader() throws {
        let trace = try #require(TraceContext(traceparent: Self.example))
        #expect(trace.traceparent == Self.example)
        #expect(trace.isSampled)
        // Flags that this version does not know are dropped, as the specification asks.
        #expect(TraceContext(traceparent: Self.example.dropLast(2) + "fe")?.isSampled == false)
        // A later version may have more behind.
        #expect(TraceContext(traceparent: "cc" + Self.example.dropFirst(2) + "-what")?.traceID == trace.traceID)
    }

    @Test(arguments: [
        "", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
        "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0\n",
    ])
    func whatIsNotWellFormedIsNoTrace(_ text: String) {
        #expect(TraceContext(traceparent: text) == nil)
    }

    @Test func aChildIsOfTheSameTraceWithASpanOfItsOwn() {
        let parent = TraceContext(isSampled: true)
        let child = parent.child()
        #expect(child.traceID == parent.traceID)
        #expect(child.spanID != parent.spanID)
        #expect(child.isSampled)
        #expect(TraceContext(traceparent: child.traceparent) == child)
    }
}
