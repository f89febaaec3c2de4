import FoundationEssentials
import Glibc
import NIOConcurrencyHelpers

/// An executable of ours, started by a test as a process of its own, so that it can be killed as nothing else can.
///
/// Its output goes to a file. A process that a test leaves running is killed when the value is released.
public final class ServiceProcess: Sendable {
    /// How a process ended.
    public enum Exit: Sendable, Hashable, CustomStringConvertible {
        case status(Int32)
        case signal(Int32)

        public var description: String {
            switch self {
            case .status(let status): "exit status \(status)"
            case .signal(let signal): "signal \(signal)"
            }
        }
    }

    public struct LaunchFailed: Error, CustomStringConvertible {
        public let description: String

        public init(description: String) {
            self.description = description
        }
    }

    public let name: String
    public let processIdentifier: Int32
    private let outputPath: String
    private let exit = NIOLockedValueBox<Exit?>(nil)

    /// - Parameters:
    ///   - executable: the name of a product, such as `intake`, or a path that starts with `/`.
    ///   - environment: replaces variables of the test's own environment; nothing of `DANDELION_...` is inherited.
    public init(_ executable: String, arguments: [String] = [], environment: [String: String] = [:]) throws {
        let path = try executable.hasPrefix("/") ? executable : "\(Self.productsDirectory())/\(executable)"
        guard access(path, X_OK) == 0 else {
            throw LaunchFailed(description: "no executable \(path): run ./deploy/local/test, which builds them all")
        }
        self.name = String(executable.split(separator: "/").last ?? "")
        self.outputPath = "\(Self.scratchDirectory)/\(self.name)-\(UUID().uuidString).log"
        self.processIdentifier = try Self.spawn(
            path, arguments: arguments, environment: Self.environment(environment), output: self.outputPath)
    }

    deinit {
        if self.poll() == nil {
            self.kill()
            var status: Int32 = 0
            _ = waitpid(self.processIdentifier, &status, 0)
        }
        _ = unlink(self.outputPath)
    }

    // MARK: Watching

    public var isRunning: Bool { self.poll() == nil }

    /// Everything that the process has written so far, standard error included.
    public var output: String {
        guard let data = FileManager.default.contents(atPath: self.outputPath) else { return "" }
        return String(decoding: data, as: UTF8.self)
    }

    /// Waits for the end, or throws `TestTimeout`.
    public func waitForExit(timeout: Duration = .seconds(30)) async throws -> Exit {
        try await eventuallySome("\(self.name) ends", timeout: timeout) { self.poll() }
    }

    /// Waits until the output holds a text; throws at once when the process ended without it.
    public func waitForOutput(containing text: String, timeout: Duration = .seconds(30)) async throws {
        try await eventually("\(self.name) writes '\(text)'", timeout: timeout) {
            if self.output.contains(text) { return true }
            guard let exit = self.poll() else { return false }
            throw LaunchFailed(description: "\(self.name) ended with \(exit):\n\(self.output)")
        }
    }

    // MARK: Ending

    /// SIGTERM: asks it to drain and end.
    public func terminate() { self.send(SIGTERM) }

    /// SIGKILL: as a machine does that loses power.
    public func kill() { self.send(SIGKILL) }

    public func send(_ signal: Int32) {
        // Under the lock: once the process is reaped its number may belong to another.
        self.exit.withLockedValue { exit in
            if exit == nil { _ = Glibc.kill(self.processIdentifier, signal) }
        }
    }

    private func poll() -> Exit? {
        self.exit.withLockedValue { exit in
            if exit != nil { return exit }
            var status: Int32 = 0
            guard waitpid(self.processIdentifier, &status, WNOHANG) == self.processIdentifier else { return nil }
            let signal = status & 0x7f
            exit = signal == 0 ? .status((status >> 8) & 0xff) : .signal(signal)
            return exit
        }
    }
}
