public import FoundationEssentials
import Glibc

extension MetricsRegistry {
    /// Adds what the process itself uses, under the names that Prometheus clients agree on.
    /// - Parameter startedAt: when the process began its work.
    public func observeProcess(startedAt: Date) {
        let start = startedAt.timeIntervalSince1970
        self.observeGauge("process_start_time_seconds", help: "When the process started, in seconds since 1970.") {
            start
        }
        self.observeGauge("process_resident_memory_bytes", help: "Resident memory.") {
            ProcessUse.residentBytes()
        }
        self.observeCounter("process_cpu_seconds_total", help: "CPU time in user and kernel mode.") {
            ProcessUse.cpuSeconds()
        }
    }
}

/// What the kernel says about this process.
enum ProcessUse {
    static func residentBytes() -> Double? {
        do throws(SmallFile.Failure) {
            let fields = try SmallFile.read("/proc/self/statm", limit: 4096).split(separator: UInt8(ascii: " "))
            guard fields.count > 1, let text = String(validating: fields[1], as: UTF8.self), let pages = Double(text)
            else { return nil }
            return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
        } catch {
            return nil  // Without /proc the sample is left out.
        }
    }

    static func cpuSeconds() -> Double? {
        var time = timespec()
        guard clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else { return nil }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
