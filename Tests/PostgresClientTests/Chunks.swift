/// What a COPY reads: the answer to "what is chunk number n", until there is none.
struct Chunks: AsyncSequence {
    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let produce: @Sendable (Int) async throws -> [UInt8]?
        private var number = 0

        fileprivate init(_ produce: @escaping @Sendable (Int) async throws -> [UInt8]?) {
            self.produce = produce
        }

        mutating func next() async throws -> [UInt8]? {
            defer { self.number += 1 }
            return try await self.produce(self.number)
        }
    }

    private let produce: @Sendable (Int) async throws -> [UInt8]?

    init(_ produce: @escaping @Sendable (Int) async throws -> [UInt8]?) {
        self.produce = produce
    }

    init(_ texts: [String]) {
        self.produce = { $0 < texts.count ? Array(texts[$0].utf8) : nil }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self.produce) }
}
