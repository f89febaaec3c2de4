/// Verifies an export, line by line, with a public key and nothing else.
///
/// It holds of the export that it is whole, that the tree over its leaves has the roots that were signed, every one of them,
/// and that each entry that is opened says what was committed to.
public struct LedgerVerifier: Sendable {
    private let key: NoteVerifier
    /// Checkpoints from elsewhere, such as those an agency kept from its hand-overs, the smallest log first.
    private var kept: [SignedCheckpoint]
    private var report = LedgerReport()
    private var builder = TreeBuilder()
    private var claimed: [SignedCheckpoint] = []
    private var next = 0
    private var lines = 0
    private var hasEnded = false
    private var header: ExportLine?
    private var erased: [UInt64] = []
    private var accounted: Set<UInt64> = []

    /// - Parameter kept: notes of checkpoints that the export must be consistent with.
    /// - Throws: `LedgerError` when one of them is not signed by the key.
    public init(key: NoteVerifier, kept: [String] = []) throws(LedgerError) {
        self.key = key
        self.kept = []
        for note in kept { self.kept.append(try SignedCheckpoint(note: note, verifiedBy: key)) }
        self.kept.sort { $0.checkpoint.size < $1.checkpoint.size }
    }

    /// Takes the next line.
    /// - Throws: `LedgerError.malformed` when the file is not an export, `.signature` when a checkpoint is not the key's.
    public mutating func take(_ text: String) throws(LedgerError) {
        guard !self.hasEnded else { throw .malformed("there are lines behind the export's end") }
        let line = try ExportLine(decoding: text)
        defer { self.lines += 1 }
        guard self.header != nil else {
            guard line.format == ExportLine.formatName, line.size != nil else {
                throw .malformed("the first line is not that of an export (\(ExportLine.formatName))")
            }
            guard line.origin == self.key.name else {
                throw .signature("the export is of the log \(line.origin ?? "?"), the key of \(self.key.name)")
            }
            self.header = line
            self.report.agency = line.agency
            return
        }
        if let note = line.checkpoint {
            try self.take(try SignedCheckpoint(note: note, verifiedBy: self.key))
        } else if let entry = try line.entry() {
            try self.take(entry)
        } else if let stray = line.stray {
            self.report.add("\(stray) is not in the log: it was written behind its back")
        } else if let end = line.end {
            guard end == self.lines else { throw .malformed("the export lacks lines: it says \(end)") }
            self.hasEnded = true
        } else {
            throw .malformed("a line is not of an export")
        }
    }

    /// What was found, once every line was taken.
    /// - Throws: `LedgerError.malformed` when the export is not whole.
    public mutating func finish() throws(LedgerError) -> LedgerReport {
        guard self.hasEnded, let header = self.header else { throw .malformed("the export has no end: it was cut off") }
        guard let last = self.claimed.last else { throw .malformed("the export has no checkpoint") }
        guard self.builder.size == header.size, last.checkpoint.size == header.size else {
            throw .malformed("the export has \(self.builder.size) leaves, its header says \(header.size ?? 0)")
        }
        for checkpoint in self.kept where checkpoint.checkpoint.size > self.builder.size {
            self.report.add(
                """
                a checkpoint over \(checkpoint.checkpoint.size) entries was kept, and the log has \(self.builder.size): \
                its end is hidden or lost
                """)
        }
        for position in self.erased where !self.accounted.contains(position) {
            self.report.add("entry \(position) does not open, and no erasure in the log accounts for it")
        }
        self.report.size = self.builder.size
        self.report.root = last.checkpoint.root.description
        return self.report
    }

    private mutating func take(_ checkpoint: SignedCheckpoint) throws(LedgerError) {
        guard self.builder.size == 0, self.claimed.last?.checkpoint.size ?? 0 < checkpoint.checkpoint.size else {
            throw .malformed("the export's checkpoints are not in order")
        }
        self.claimed.append(checkpoint)
    }

    private mutating func take(_ entry: LedgerEntry) throws(LedgerError) {
        guard entry.position == self.builder.size else {
            throw .malformed("leaf \(self.builder.size) is missing: \(entry.position) comes in its place")
        }
        _ = self.builder.append(.leaf(entry.commitment))
        self.compare()
        self.open(entry)
    }

    /// Holds the tree against every checkpoint over so many leaves.
    private mutating func compare() {
        let size = self.builder.size
        while self.next < self.claimed.count, self.claimed[self.next].checkpoint.size == size {
            self.report.checkpoints += 1
            if self.claimed[self.next].checkpoint.root != self.builder.root {
                self.report.add(
                    "the first \(size) leaves are not those that were signed: one was changed, removed, added or moved")
            }
            self.next += 1
        }
        for kept in self.kept where kept.checkpoint.size == size {
            self.report.kept += 1
            if kept.checkpoint.root != self.builder.root {
                self.report.add(
                    """
                    the checkpoint over \(size) entries that was kept and this log contradict each other: two histories \
                    were signed
                    """)
            }
        }
    }

    private mutating func open(_ entry: LedgerEntry) {
        let text = entry.text.flatMap(EntryText.init)
        if let fault = entry.fault(text) { self.report.add("entry \(entry.position) \(fault)") }
        switch entry.state {
        case .open:
            self.report.opened += 1
            if let agency = self.header?.agency, text?.agency != agency {
                self.report.add("entry \(entry.position) is not of \(agency) and is opened in its export")
            }
            if text?.kind == "erased" { self.accounted.formUnion(text?.positions ?? []) }
        case .bare:
            self.report.bare += 1
            if self.header?.agency == nil {
                self.report.add("entry \(entry.position) is not opened in an export that opens everything")
            }
        case .erased:
            self.report.erased += 1
            self.erased.append(entry.position)
        case .missing:
            self.report.add("entry \(entry.position): the row that it is of was removed")
        }
    }
}

/// What verifying an export has shown.
public struct LedgerReport: Sendable, Hashable, Codable {
    /// Whose export it is; nil opens everything.
    public var agency: String?
    public var size: UInt64 = 0
    /// In base64.
    public var root = ""
    /// How many signed checkpoints the tree was held against.
    public var checkpoints = 0
    /// How many that were kept elsewhere.
    public var kept = 0
    public var opened = 0
    public var bare = 0
    public var erased = 0
    /// What is wrong, the first hundred.
    public private(set) var problems: [String] = []
    /// How much is wrong.
    public private(set) var problemCount = 0

    mutating func add(_ problem: String) {
        self.problemCount += 1
        if self.problems.count < 100 { self.problems.append(problem) }
    }
}
