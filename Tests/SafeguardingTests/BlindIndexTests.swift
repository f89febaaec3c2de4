import Safeguarding
import Testing

@Suite struct BlindIndexTests {
    private let index = BlindIndex.generate()

    @Test(arguments: [
        [
            "13800138000", "138 0013 8000", "138-0013-8000", "+86 138 0013 8000", "8613800138000", "0086-13800138000",
            "１３８００１３８０００", "013800138000", "(+86)13800138000", "电话 13800138000 晚上", "＋８６ 13800138000",
        ],
        [
            "04711234567", "0471-1234567", "(0471) 123 4567", "+86 471 123 4567", "0086 471 1234567", "0471-1234567转8",
            "0471–1234567",
        ],
        ["0085221234567", "+852 2123 4567", "00852-21234567"],
    ])
    func oneNumberHasOneIndex(spellings: [String]) {
        #expect(Set(spellings.map { self.index.index($0, of: .phone) }).count == 1)
        #expect(spellings.allSatisfy { IndexNormalisation.phone($0) == spellings[0] })
    }

    @Test func otherNumbersHaveOthers() {
        let numbers = ["13800138000", "13800138001", "04711234567", "1234567", "+85213800138000", "01012345678"]
        #expect(Set(numbers.map { self.index.index($0, of: .phone) }).count == numbers.count)
    }

    @Test func aBeijingNumberIsNotTakenForAMobile() {
        #expect(IndexNormalisation.phone("+86 10 1234 5678") == "01012345678")
        #expect(IndexNormalisation.phone("010-12345678") == "01012345678")
    }

    @Test(arguments: ["", " ", "无", "+", "--"])
    func nothingHasNoIndex(text: String) {
        #expect(self.index.index(text, of: .phone) == nil)
    }

    @Test func namesAndAddressesAreFoldedAsWritten() {
        #expect(self.index.index(" Li@Example.NET ", of: .email) == self.index.index("li@example.net", of: .email))
        #expect(self.index.index("李  娜", of: .name) == self.index.index(" 李 娜 ", of: .name))
        #expect(self.index.index("阿依古丽•买买提", of: .name) == self.index.index("阿依古丽·买买提", of: .name))
        #expect(self.index.index("Сэргэ\u{0438}\u{0306}", of: .name) == self.index.index("СЭРГЭ\u{0439}", of: .name))
        #expect(self.index.index("李娜", of: .name) != self.index.index("李那", of: .name))
    }

    @Test func fieldsAndKeysDoNotShareIndexes() {
        #expect(self.index.index("13800138000", of: .phone) != self.index.index("13800138000", of: .name))
        #expect(self.index.index("13800138000", of: .phone) != BlindIndex.generate().index("13800138000", of: .phone))
    }
}
