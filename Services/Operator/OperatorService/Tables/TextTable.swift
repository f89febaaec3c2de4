/// A table for people: columns as wide as their widest cell, counted in columns of a terminal.
struct TextTable {
    enum Alignment {
        case left
        case right
    }

    private let titles: [String]
    private let alignments: [Alignment]
    private var rows: [[String]] = []

    /// - Parameter right: the titles of the columns of numbers.
    init(_ titles: [String], right: Set<String> = []) {
        self.titles = titles
        self.alignments = titles.map { right.contains($0) ? .right : .left }
    }

    /// Adds a row; it has as many cells as there are titles.
    mutating func add(_ cells: [String]) {
        precondition(cells.count == self.titles.count, "a row has a cell for each column")
        self.rows.append(cells.map(\.printable))
    }

    /// The table, without a line end; `empty` when it has no rows.
    func text(empty: String = "none", indent: Int = 0) -> String {
        let margin = String(repeating: " ", count: indent)
        guard !self.rows.isEmpty else { return margin + empty }
        let all = [self.titles] + self.rows
        let widths = self.titles.indices.map { column in all.map { $0[column].displayWidth }.max() ?? 0 }
        return all.map { row in
            var line = margin
            for (column, cell) in row.enumerated() {
                let spaces = String(repeating: " ", count: widths[column] - cell.displayWidth)
                switch self.alignments[column] {
                case .left: line += cell + (column == row.count - 1 ? "" : spaces)
                case .right: line += spaces + cell
                }
                if column < row.count - 1 { line += "  " }
            }
            return line
        }.joined(separator: "\n")
    }
}
