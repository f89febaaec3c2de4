public import PostgresClient

/// Writes the log into lines that can be verified anywhere with the public key alone.
public struct LedgerExport: Sendable {
    /// The code of the agency that it is for, whose entries alone are opened; nil opens everything.
    public let agency: String?
    private let store = LedgerStore()

    public init(agency: String? = nil) {
        self.agency = agency
    }

    /// Hands over one line after another, up to the latest checkpoint. All of it is of one moment.
    /// - Returns: how many entries there are.
    /// - Throws: `LedgerError.tree` when nothing was signed yet; what `write` throws.
    public func write(from pool: PostgresPool, _ write: (String) throws -> Void) async throws -> UInt64 {
        try await pool.withTransaction("ledger_export", isolation: .repeatableRead) { transaction in
            let head = try await self.store.head(on: transaction)
            guard let note = head.note else {
                throw LedgerError.tree("there is no checkpoint yet: start ledger-signer, and wait some seconds")
            }
            var lines = 0
            func line(_ line: ExportLine) throws {
                try write(try line.encoded())
                lines += 1
            }
            var header = ExportLine()
            header.format = ExportLine.formatName
            header.origin = note.split(separator: "\n").first.map(String.init)
            header.size = head.signedSize
            header.agency = self.agency
            try line(header)
            var last: UInt64 = 0
            while last < head.signedSize {
                let page = try await self.store.checkpoints(after: last, on: transaction)
                guard let end = page.last else { break }
                for checkpoint in page {
                    var one = ExportLine()
                    one.checkpoint = checkpoint.note
                    try line(one)
                }
                last = end.size
            }
            var position: UInt64 = 0
            while position < head.signedSize {
                let until = min(position + 1000, head.signedSize)
                for entry in try await self.store.page(
                    from: position, until: until, agency: self.agency, on: transaction)
                {
                    try line(ExportLine(entry))
                }
                position = until
            }
            if self.agency == nil {
                for stray in try await self.store.strays(on: transaction) {
                    var one = ExportLine()
                    one.stray = stray
                    try line(one)
                }
            }
            var end = ExportLine()
            end.end = lines
            try line(end)
            return head.signedSize
        }
    }

    /// Whether everything that is in the log is signed. An export of any other moment may show nonces destroyed whose
    /// erasure is not under a checkpoint yet.
    public func isSettled(on executor: some PostgresExecutor) async throws(PostgresError) -> Bool {
        let head = try await self.store.head(on: executor)
        return head.size == head.signedSize
    }
}
