import Glibc

/// A thread of its own for calls that can block, such as connecting and `PQcancel`. Never the cooperative pool, never the
/// reactor.
package enum BlockingThread {
    private final class Body: Sendable {
        private let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }

        func run() {
            // Signals are for the threads that expect them, and a write to a closed socket must not end the process.
            var signals = sigset_t()
            sigfillset(&signals)
            pthread_sigmask(SIG_SETMASK, &signals, nil)
            self.body()
        }

        /// On a thread that is not ours.
        func runInPlace() { self.body() }
    }

    /// Starts a detached thread that runs `body` once.
    package static func start(_ body: @escaping @Sendable () -> Void) {
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
            Unmanaged<Body>.fromOpaque(context).takeRetainedValue().runInPlace()
        }
    }
}
