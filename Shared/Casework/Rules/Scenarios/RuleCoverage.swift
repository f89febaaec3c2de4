/// Which requirement is shown by which scenario: the coverage table `deploy/rules/coverage.md`.
public struct RuleCoverage: Sendable {
    /// One requirement of the law or function of the network.
    public struct Row: Hashable, Sendable {
        public let row: String
        public let title: String
        /// `scenario`, or `elsewhere:` and where.
        public let by: String
        /// What an operator can change about it without code.
        public let configurable: String
    }

    private let rows: [Row]
    private let scenarios: [(name: String, scenario: RuleScenario)]

    public init(rows: [Row], scenarios: [(name: String, scenario: RuleScenario)]) {
        self.rows = rows
        self.scenarios = scenarios
    }

    /// Reads `row,title,by,configurable` lines. Throws with the line's number.
    public static func rows(csv text: String) throws(DataFileError) -> [Row] {
        var seen: Set<String> = []
        var rows: [Row] = []
        for line in try DataFile(csv: text, header: ["row", "title", "by", "configurable"]).rows {
            guard seen.insert(line.fields[0]).inserted else {
                throw DataFileError(code: .duplicate, line: line.line, field: "row")
            }
            guard line.fields[2] == "scenario" || line.fields[2].hasPrefix("elsewhere:") else {
                throw DataFileError(code: .badValue, line: line.line, field: "by")
            }
            rows.append(
                Row(row: line.fields[0], title: line.fields[1], by: line.fields[2], configurable: line.fields[3]))
        }
        return rows
    }

    /// Rows that claim a scenario and have none, and scenarios of no row.
    public var problems: [String] {
        let known = Set(self.rows.map(\.row))
        let shown = Set(self.scenarios.map(\.scenario.row))
        return self.rows.filter { $0.by == "scenario" && !shown.contains($0.row) }.map {
            "row \($0.row) has no scenario"
        }
            + shown.subtracting(known).sorted().map { "scenario of unknown row \($0)" }
    }

    /// The table, for people.
    public var markdown: String {
        var text = """
            # 转介规则覆盖表

            由测试生成（`DANDELION_UPDATE_RULES=1 ./deploy/local/test --filter ScenarioTests`），不要手工修改。行号 4- 为法律要求，
            1A-、1D- 为网络职能。“可配置”一栏说明不改代码即可调整的内容：规则、时限、披露档案在 `network.yaml`，名录、协作协议在部门文件，
            节假日在 `deploy/data/holidays.csv`。

            | 行 | 要求 | 情形 | 可配置 |
            |--|--|--|--|

            """
        for row in self.rows {
            let files = self.scenarios.filter { $0.scenario.row == row.row }.map { name, scenario in
                "[\(scenario.title)](scenarios/\(name).yaml)"
            }
            let shown = files.isEmpty ? "别处：" + row.by.dropFirst("elsewhere:".count) : files.joined(separator: "<br>")
            text += "| \(row.row) | \(row.title) | \(shown) | \(row.configurable) |\n"
        }
        return text
    }
}
