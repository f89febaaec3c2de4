import FoundationEssentials
import Glibc

/// What the kernel says of a process on this machine.
struct ProcessUse: Equatable, Sendable {
    let pid: Int
    let parent: Int
    let name: String
    /// User and kernel time of its own, in seconds.
    let ownSeconds: Double
    /// That of its children which have ended.
    let endedChildrenSeconds: Double

    private static let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))

    /// `nil` when there is no such process.
    static func of(_ pid: Int) -> ProcessUse? {
        guard let text = self.text("/proc/\(pid)/stat") else { return nil }
        return ProcessUse(stat: text)
    }

    /// The line of `/proc/<pid>/stat`. The name stands in parentheses and may hold spaces and parentheses itself.
    init?(stat line: String) {
        guard let open = line.firstIndex(of: "("), let close = line.lastIndex(of: ")"), open < close,
            let pid = Int(line[..<open].filter { $0 != " " })
        else { return nil }
        let fields = line[line.index(after: close)...].split(whereSeparator: \.isWhitespace)
        // Counted from the state, which is field 3 of proc(5).
        guard fields.count > 14, let parent = Int(fields[1]), let user = Double(fields[11]),
            let kernel = Double(fields[12]), let childUser = Double(fields[13]), let childKernel = Double(fields[14])
        else { return nil }
        self.pid = pid
        self.parent = parent
        self.name = String(line[line.index(after: open)..<close])
        self.ownSeconds = (user + kernel) / Self.ticks
        self.endedChildrenSeconds = (childUser + childKernel) / Self.ticks
    }

    /// Every process that can be seen.
    static func all() -> [ProcessUse] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap(Int.init)
                .compactMap(Self.of)
        } catch {
            return []  // No /proc, no figures.
        }
    }

    /// Resident memory in megabytes: now, and the most there ever was.
    static func megabytes(_ pid: Int) -> (resident: Double, peak: Double)? {
        guard let text = self.text("/proc/\(pid)/status") else { return nil }
        var values: [Substring: Double] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(whereSeparator: \.isWhitespace)
            if words.count >= 2, let kilobytes = Double(words[1]) { values[words[0]] = kilobytes / 1024 }
        }
        guard let resident = values["VmRSS:"], let peak = values["VmHWM:"] else { return nil }
        return (resident, peak)
    }

    private static func text(_ path: String) -> String? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        return String(decoding: data, as: UTF8.self)
    }
}

/// The processes of the network on this machine, by service, and the server's.
struct NetworkProcesses: Sendable {
    static let services = ["intake", "routing", "notification", "gateway", "ledger-signer"]
    /// What shares the machine with them and is none of them: the mail server of `up`, found by its file alone.
    static let others = ["mail-catcher"]

    /// Process ids by service, and of the others.
    let pids: [String: [Int]]
    /// The server's first process; `nil` when it runs elsewhere.
    let postmaster: Int?

    /// - Parameters:
    ///   - directory: holds `<service>.pid` files, as `up` writes them; `nil` to look through /proc for the names.
    ///   - backend: a server process of ours.
    init(directory: String?, backend: Int) {
        let all = ProcessUse.all()
        var pids: [String: [Int]] = [:]
        for service in directory == nil ? Self.services : Self.services + Self.others {
            if let directory {
                let file = FileManager.default.contents(atPath: "\(directory)/\(service).pid") ?? Data()
                let word = String(decoding: file, as: UTF8.self).split(whereSeparator: \.isWhitespace).first
                pids[service] = word.flatMap { Int($0) }.map { [$0] } ?? []
            } else {
                pids[service] = all.filter { $0.name == service }.map(\.pid)
            }
        }
        self.pids = pids
        // A process of that number may be somebody else's when the server runs on another machine.
        let found = all.first { $0.pid == backend && $0.name == "postgres" }
        self.postmaster = found?.parent
    }

    /// CPU seconds so far: by service, of PostgreSQL, of this process.
    func cpuSeconds() -> [String: Double] {
        var seconds: [String: Double] = [:]
        for (service, pids) in self.pids where !pids.isEmpty {
            seconds[service] = pids.compactMap(ProcessUse.of).map(\.ownSeconds).reduce(0, +)
        }
        if let postmaster {
            let all = ProcessUse.all()
            seconds["postgres"] =
                all.filter { $0.parent == postmaster || $0.pid == postmaster }.map(\.ownSeconds).reduce(0, +)
                + (all.first { $0.pid == postmaster }?.endedChildrenSeconds ?? 0)
        }
        seconds["bench"] = ProcessUse.of(Int(getpid()))?.ownSeconds
        return seconds
    }

    /// Resident and peak megabytes of each service, the largest of its processes.
    func megabytes() -> [String: (resident: Double, peak: Double)] {
        var result: [String: (resident: Double, peak: Double)] = [:]
        for (service, pids) in self.pids {
            for use in pids.compactMap(ProcessUse.megabytes) where use.peak > (result[service]?.peak ?? 0) {
                result[service] = use
            }
        }
        return result
    }
}
