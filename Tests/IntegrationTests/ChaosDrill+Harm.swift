import FoundationEssentials
import Glibc
import JobTestKit
import PostgresClient
import TestSupport

/// What a drill suffers.
extension ChaosDrill {
    /// One harm, chosen by the seed. What cannot be had here (a pooler, a small disk) is another instead.
    func harm(_ random: inout SplitMix) async throws {
        let index = Int.random(in: 0..<self.workerCount, using: &random)
        switch Int.random(in: 0..<18, using: &random) {
        case 0...2:
            self.count("SIGKILL")
            self.worker(index).kill()
            try self.startWorker(index)
        case 3...5:
            self.count("SIGSTOP")
            // Longer than the worker is alive without a beat: its jobs are another's when it goes on.
            let process = self.worker(index)
            process.send(SIGSTOP)
            try await Task.sleep(for: .milliseconds(.random(in: 200...6000, using: &random)))
            process.send(SIGCONT)
        case 6:
            self.count("SIGTERM")
            let process = self.worker(index)
            process.terminate()
            _ = try await process.waitForExit(timeout: .seconds(30))
            try self.startWorker(index)
        case 7, 8:
            self.count("backends killed")
            try await Self.withConnection(self.dsn) { _ = try await $0.execute(Self.killBackends) }
        case 9, 10:
            self.count("server crashed")
            try await self.cluster.crash()
            try await self.cluster.start()
        case 11, 12: try await self.harmLinks(&random)
        case 13, 14: try await self.fillDisk(&random)
        case 15: try await self.restartPooler()
        default: try await self.stepClock(&random)
        }
    }

    /// For a while the proxy's links fail in another way than at COMMIT.
    private func harmLinks(_ random: inout SplitMix) async throws {
        guard let proxy = self.proxy else { return }
        let faults: [(String, FaultProxy.Fault)] = [
            ("links half-open", .halfOpen),
            ("links delayed", .delay(.milliseconds(.random(in: 5...120, using: &random)))),
            ("answers read slowly", .slowRead(bytesPerSecond: .random(in: 2000...40_000, using: &random))),
            ("links cut", .cutAll),
        ]
        let (name, fault) = faults[Int.random(in: 0..<faults.count, using: &random)]
        self.count(name)
        proxy.set(fault)
        // Longer than a worker is alive without a beat, sometimes.
        try await Task.sleep(for: .milliseconds(.random(in: 200...5000, using: &random)))
        proxy.set(Self.harmAtCommit)
    }

    static let harmAtCommit = FaultProxy.Fault.harm(at: "COMMIT", every: 40)

    /// The disk with the queue's tables is full for a while: nothing that needs another page can be written.
    private func fillDisk(_ random: inout SplitMix) async throws {
        guard let disk = self.disk else { return }
        self.count("disk full")
        disk.fill()
        try await Task.sleep(for: .milliseconds(.random(in: 200...3000, using: &random)))
        disk.makeRoom()
    }

    private func restartPooler() async throws {
        guard let pooler = self.pooler else { return }
        self.count("pooler restarted")
        try await pooler.restart()
    }

    /// The database's clock seems to step: everything that the queue has noted is moved the other way, at once. The clock of the
    /// machine itself cannot be stepped without being its administrator and everybody else's.
    private func stepClock(_ random: inout SplitMix) async throws {
        let step = Duration.milliseconds(.random(in: 500...8000, using: &random))
        let isForward = Bool.random(using: &random)
        do {
            try await Self.withConnection(self.dsn) { connection in
                try await JobTestTime.advance(by: isForward ? step : .zero - step, on: connection)
            }
            self.count(isForward ? "clock stepped forward" : "clock stepped back")
        } catch {
            // Two who change many rows may meet (a deadlock), or the server is just full: no step then.
            self.count("no clock step")
        }
    }

    private static let killBackends = Statement(
        name: "drill_kill",
        """
        SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE pid <> pg_backend_pid() AND backend_type = 'client backend' AND random() < 0.5
        """)
}
