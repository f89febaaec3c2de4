/// Times of many like things, in milliseconds.
struct Percentiles: Encodable, Equatable, Sendable {
    let count: Int
    let p50: Double
    let p95: Double
    let p99: Double
    let max: Double

    /// By the nearest rank: of 100 times the 99th is p99.
    init(_ times: [Duration]) {
        let sorted = times.map { $0 / .milliseconds(1) }.sorted()
        func rank(_ share: Double) -> Double {
            guard !sorted.isEmpty else { return 0 }
            let index = (share * Double(sorted.count)).rounded(.up) - 1
            return sorted[Swift.min(sorted.count - 1, Swift.max(0, Int(index)))]
        }
        self.count = sorted.count
        self.p50 = rank(0.5)
        self.p95 = rank(0.95)
        self.p99 = rank(0.99)
        self.max = sorted.last ?? 0
    }
}

/// Numbers as tables show them.
enum Numbers {
    static func tenths(_ value: Double) -> String { self.fixed(value, 1) }

    /// With so many digits after the point.
    static func fixed(_ value: Double, _ digits: Int) -> String {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = Int64((abs(value) * scale).rounded())
        let whole = String(scaled / Int64(scale))
        guard digits > 0 else { return (value < 0 ? "-" : "") + whole }
        let rest = String(scaled % Int64(scale))
        return (value < 0 ? "-" : "") + whole + "." + String(repeating: "0", count: digits - rest.count) + rest
    }
}
