import Glibc

/// A thread of its own for a call that can block: name resolution in `PQconnectStart`, and `PQcancel`. Never the
/// cooperative pool, never the reactor.
enum BlockingThread {
    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }

    /// Starts a detached thread that runs `body` once.
    static func start(name: String, _ body: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let context = Unmanaged.passRetained(Body(body)).toOpaque()
        let result = pthread_create(
            &thread, &attributes,
            { @Sendable context in
                if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            }, context)
        pthread_attr_destroy(&attributes)
        if result != 0 {
            // No thread to be had: better a blocked caller than work that never happens.
            Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
        }
    }

    /// Runs `body` on a thread of its own and waits for it without blocking the caller's.
    static func run<Value: Sendable>(name: String, _ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            Self.start(name: name) { continuation.resume(returning: body()) }
        }
    }
}
