/// Names and label names as Prometheus accepts them. Anything else in a name becomes an underscore.
enum MetricName {
    static func sanitised(_ name: String) -> String {
        self.sanitised(name, allowsColon: true)
    }

    static func sanitisedLabel(_ name: String) -> String {
        self.sanitised(name, allowsColon: false)
    }

    /// A counter's name ends in `_total`, a timer's in `_seconds`, as the readers of the exposition expect.
    static func with(suffix: String, _ name: String) -> String {
        name.hasSuffix(suffix) ? name : name + suffix
    }

    private static func sanitised(_ name: String, allowsColon: Bool) -> String {
        var result = String.UnicodeScalarView()
        for scalar in name.unicodeScalars {
            let isDigit = ("0"..."9").contains(scalar)
            let isLetter = ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
            if isDigit && result.isEmpty { result.append("_") }
            let isAllowed = isDigit || isLetter || scalar == "_" || (allowsColon && scalar == ":")
            result.append(isAllowed ? scalar : "_")
        }
        return result.isEmpty ? "_" : String(result)
    }
}

/// The labels of one series, in the order of their names, so that the order in which they were given does not matter.
struct LabelSet: Hashable, Comparable {
    struct Label: Hashable {
        let name: String
        let value: String
    }

    let labels: [Label]

    init(_ dimensions: [(String, String)]) {
        var seen: Set<String> = []
        var labels: [Label] = []
        for (name, value) in dimensions {
            let name = MetricName.sanitisedLabel(name)
            if seen.insert(name).inserted { labels.append(Label(name: name, value: value)) }
        }
        self.labels = labels.sorted { $0.name < $1.name }
    }

    /// `{a="1",b="2"}`, or nothing without labels.
    func rendered(adding extra: Label? = nil) -> String {
        let all = self.labels + (extra.map { [$0] } ?? [])
        guard !all.isEmpty else { return "" }
        return "{" + all.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",") + "}"
    }

    static func < (left: LabelSet, right: LabelSet) -> Bool {
        left.rendered() < right.rendered()
    }

    private static func escaped(_ value: String) -> String {
        var result = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
