import FoundationEssentials
import Testing

@testable import OperatorService

struct TextTableTests {
    @Test func chineseCharactersTakeTwoColumns() {
        #expect("玉泉区".displayWidth == 6)
        #expect("（P1）".displayWidth == 6)
        #expect("a é".displayWidth == 3)
        #expect("e\u{301}".displayWidth == 1)
    }

    @Test func columnsLineUpOnATerminal() {
        var table = TextTable(["name", "n", "end"], right: ["n"])
        table.add(["玉泉区", "7", "x"])
        table.add(["ab", "1234", "y"])
        #expect(
            table.text() == """
                name       n  end
                玉泉区     7  x
                ab      1234  y
                """)
    }

    @Test func anEmptyTableSaysSo() {
        #expect(TextTable(["a"]).text(empty: "no such jobs") == "no such jobs")
    }

    /// A name from the database must not steer the terminal.
    @Test func controlCharactersAreShownAsMarks() {
        var table = TextTable(["name"])
        table.add(["a\u{1B}[2Jb\nc\u{202E}d"])
        #expect(table.text() == "name\na\u{FFFD}[2Jb c\u{FFFD}d")
    }

    @Test func timesAreBeijings() {
        #expect(BeijingTime.full(.init(timeIntervalSince1970: 0)) == "1970-01-01 08:00:00")
        #expect(BeijingTime.short(.init(timeIntervalSince1970: 0)) == "01-01 08:00")
        #expect(BeijingTime.time(.init(timeIntervalSince1970: 59)) == "08:00:59")
        #expect([99, 5999, 7200, 200_000].map { BeijingTime.span($0) } == ["99 s", "99 min", "2 h", "2 d"])
    }

    @Test func numbersHaveTheirDigits() {
        #expect(Numbers.tenths(0.04) == "0.0")
        #expect(Numbers.tenths(12.36) == "12.4")
        #expect(Numbers.fixed(1.005, 2) == "1.00" || Numbers.fixed(1.005, 2) == "1.01")
        #expect(Numbers.fixed(3.07, 2) == "3.07")
        #expect(Numbers.fixed(-2.5, 1) == "-2.5")
    }
}
