public import FoundationEssentials

extension CaseFacts {
    /// The facts as the `case` of a scenario file, to be pasted into one. Only what differs from a plain case.
    public func example(at now: Date) -> String {
        func list(_ words: some Sequence<String>) -> String { "[" + words.sorted().joined(separator: ", ") + "]" }
        var parts = ["division: \"\(self.division)\"", "risk: \(self.risk.rawValue)"]
        func add(_ key: String, _ words: some Sequence<String>) {
            let text = list(words)
            if text != "[]" { parts.append("\(key): \(text)") }
        }
        if self.channel != .hotline { parts.append("channel: \(self.channel.rawValue)") }
        if self.ownerLevel != self.division.level { parts.append("owner_level: \(self.ownerLevel.rawValue)") }
        if self.handlingOrgan != .none { parts.append("handling_organ: \(self.handlingOrgan.rawValue)") }
        if self.breaches > 0 { parts.append("breaches: \(self.breaches)") }
        add("categories", self.categories.map(\.rawValue))
        add("needs", self.needs.map(\.rawValue))
        add("flags", self.flags.map(\.rawValue))
        add("risk_items", self.riskItems.map(\.rawValue))
        add("people", self.people.map(\.rawValue))
        add("minor_signs", self.minorSigns.map(\.rawValue))
        add("outcomes", self.outcomes.map(\.rawValue))
        add("deadlines", self.deadlines.keys.map { "\($0.rawValue): \(self.days(to: $0, at: now) ?? 0)d" })
        add(
            "consents",
            self.consents.map {
                "\($0.agencyKinds.map(\.rawValue).joined(separator: "+")) \($0.purpose): \($0.status.rawValue)"
            })
        return parts.joined(separator: ", ")
    }
}
