import Glibc

/// Where finished log lines go.
public struct LogSink: Sendable {
    private let write: @Sendable ([UInt8]) -> Void

    /// A sink that hands each line, its line end included, to a closure.
    public init(_ write: @escaping @Sendable ([UInt8]) -> Void) {
        self.write = write
    }

    /// Standard error, unbuffered: a process that is killed loses no line that it has logged. One write(2) per line,
    /// so that lines of several processes on one pipe stay whole up to the pipe's atomic size.
    public static let standardError = LogSink { line in
        line.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let written = Glibc.write(2, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if written < 0 {
                    if errno == EINTR { continue }
                    return  // Nobody reads our log any more; there is no better place to say so.
                }
                rest = rest.dropFirst(written)
            }
        }
    }

    func emit(_ line: [UInt8]) {
        self.write(line)
    }
}
