import Casework
import TestSupport
import Testing

@Suite struct TriageTests {
    private let lexicon: TriageLexicon

    init() throws {
        self.lexicon = try TriageLexicon(yaml: try Deployment.text("rules/triage.yaml"))
    }

    private func reading(_ text: String) -> [String: TriageSuggestion.Manner] {
        Dictionary(
            uniqueKeysWithValues: TriageReading(of: text, with: self.lexicon).suggestions.map {
                ($0.subject.description, $0.manner)
            })
    }

    @Test(arguments: [
        ("他昨晚拿刀逼我，说要弄死我。", ["risk_item:weapon", "risk_item:threat_to_kill"]),
        ("他掐我脖子，我喘不上气", ["risk_item:strangulation"]),
        ("男人喝了酒就打我，三天两头的，我身上青一块紫一块", ["flag:domestic_violence", "risk_item:escalation", "risk_item:injury"]),
        ("我活够了", ["risk_item:threat_of_suicide"]),
        ("他打孩子，我怀着二胎", ["risk_item:child_harmed", "risk_item:pregnancy"]),
        ("离婚后他老跟着我，到单位闹", ["risk_item:stalking"]),
        ("人现在就堵在门口", ["risk_item:immediate_danger"]),
        ("她是买来的媳妇，扣了身份证", ["category:trafficking"]),
    ])
    func laysWordsAskTheQuestion(_ text: String, _ subjects: [String]) {
        let reading = self.reading(text)
        for subject in subjects { #expect(reading[subject] == .stated, "\(reading)") }
    }

    @Test(arguments: [
        "他没有打我，就是吵架", "他从不打我", "他没拿刀", "没有人打我", "我不是不想活", "并未受伤，也没有流血",
    ])
    func whatIsNegatedSuggestsNothing(_ text: String) {
        #expect(self.reading(text).isEmpty, "\(self.reading(text))")
    }

    @Test(arguments: [
        ("他没完没了地打我", "flag:domestic_violence"), ("他不停地打我", "flag:domestic_violence"),
        ("他动不动就打我", "flag:domestic_violence"), ("我没少被他拿刀吓唬", "risk_item:weapon"),
        ("他不是没有打我", "flag:domestic_violence"),
    ])
    func whatOnlyLooksNegatedStands(_ text: String, _ subject: String) {
        #expect(self.reading(text)[subject] == .stated, "\(self.reading(text))")
    }

    @Test(arguments: [
        ("如果他打我，我能报警吗", "flag:domestic_violence"), ("想知道要是被家暴了，怎么办", "flag:domestic_violence"),
        ("我邻居天天被打伤", "risk_item:injury"), ("我怕他会拿刀", "risk_item:weapon"),
    ])
    func whatMayBeOrIsAboutOthersWeighsLess(_ text: String, _ subject: String) {
        #expect(self.reading(text)[subject] == .aside, "\(self.reading(text))")
    }

    /// Letters of Mongolian and Latin names may be written in more than one way.
    @Test func aCharacterIsTheSameHoweverItIsWritten() throws {
        let lexicon = try TriageLexicon(yaml: "risk_items:\n  weapon: [couteau\u{E9}]\n")
        let reading = TriageReading(of: "il a un couteaue\u{301}.", with: lexicon)
        #expect(reading.suggestions.map(\.words) == [["couteaue\u{301}"]])
        #expect(TriageReading(of: "il a un couteaue.", with: lexicon).suggestions.isEmpty)
    }

    @Test func oneNegationDoesNotCoverAnotherSentence() {
        let reading = self.reading("他以前没打我。这次拿刀了。")
        #expect(reading["risk_item:weapon"] == .stated)
        #expect(reading["flag:domestic_violence"] == nil)
    }

    @Test func whatIsStatedOnceIsStated() {
        #expect(self.reading("如果他再打我我就走。昨天他又打我了。")["flag:domestic_violence"] == .stated)
    }

    @Test func theWordsThatCausedItAreShownAndNothingElseIs() throws {
        let reading = TriageReading(of: "他拿刀，后来又持刀追我", with: self.lexicon)
        let weapon = try #require(reading.suggestions.first { $0.subject == .item(.weapon) })
        #expect(weapon.words == ["拿刀", "持刀"])
        #expect(reading.description == "TriageReading(1 suggestions)")
    }

    /// More text never takes a suggestion away, and no text at all changes a screening.
    @Test func moreTextOnlyAdds() {
        let texts = ["他拿刀。", "没有人打我。", "我邻居被打伤。", "如果他来怎么办。", "孩子没事。", "他不打我了。", "我怀孕了。"]
        var generator = SplitMix(seed: 51)
        for _ in 0..<200 {
            let some = texts.shuffled(using: &generator).prefix(4)
            let before = self.reading(some.dropLast().joined())
            let after = self.reading(some.joined())
            for (subject, manner) in before { #expect(after[subject].map { $0 >= manner } == true) }
        }
    }

    @Test func aWrongLexiconIsRefusedWithItsLine() {
        let error = #expect(throws: RuleSetError.self) {
            try TriageLexicon(yaml: "risk_items:\n  weapon: [刀]\n  wepon: [刀]\n")
        }
        #expect(error?.problems.map(\.line) == [3])
    }
}
