import Casework
import TestSupport
import Testing

@Suite struct NumberTests {
    @Test func aRandomNumberReadsBackAsItself() {
        var generator = SplitMix(seed: 1)
        for _ in 0..<500 {
            let number = CaseNumber.random(using: &generator)
            #expect(CaseNumber.parse(number.rawValue) == number)
            #expect(number.rawValue.count == 11)
        }
    }

    @Test func whatPeopleTypeIsForgiven() {
        #expect(CaseNumber.parse("c7k2m 0qx9")?.rawValue == "C-7K2M-0QX9")
        #expect(CaseNumber.parse("C-7k2m-oqx9")?.rawValue == "C-7K2M-0QX9")
        #expect(ReferralNumber.parse("r-ilLI-0000")?.rawValue == "R-1111-0000")
    }

    @Test(arguments: ["", "C", "C-7K2M-0QX", "C-7K2M-0QX99", "R-7K2M-0QX9", "C-7K2M-0QXU", "C-7K2M-0QX蒲", "7K2M-0QX9"])
    func whatIsNoCaseNumberIsRefused(_ text: String) {
        #expect(CaseNumber.parse(text) == nil)
        #expect(CaseNumber(rawValue: text) == nil)
    }

    @Test func numbersDoNotRepeatInThousands() {
        var generator = SystemRandomNumberGenerator()
        let numbers = Set((0..<5000).map { _ in ReferralNumber.random(using: &generator) })
        #expect(numbers.count == 5000)
    }

    @Test func aReceiptIsShownToItsHolderAndToNobodyElse() throws {
        var generator = SplitMix(seed: 2)
        let receipt = Receipt(using: &generator)
        #expect(receipt.symbols.count == 26)
        #expect(receipt.formatted.split(separator: "-").map(\.count) == [5, 5, 5, 5, 5, 1])
        #expect(Receipt(parsing: receipt.formatted.lowercased()) == receipt)
        #expect(!"\(receipt)".contains(receipt.symbols))
        #expect(Receipt(parsing: "short") == nil)
    }
}
