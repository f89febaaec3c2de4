import Testing

@testable import SMS

@Suite struct SMSTextTests {
    @Test(arguments: [
        ("", 0, 0), ("a", 1, 1), (String(repeating: "a", count: 160), 160, 1),
        (String(repeating: "a", count: 161), 161, 2), (String(repeating: "a", count: 306), 306, 2),
        (String(repeating: "a", count: 307), 307, 3), ("€", 2, 1), (String(repeating: "€", count: 80), 160, 1),
        (String(repeating: "{", count: 81), 162, 2),
    ])
    func theSevenBitAlphabetIsCounted(text: String, length: Int, segments: Int) {
        let sms = SMSText(text)
        #expect(sms.encoding == .gsm7 && sms.length == length && sms.segments == segments)
    }

    @Test(arguments: [
        ("您好", 2, 1), (String(repeating: "字", count: 70), 70, 1), (String(repeating: "字", count: 71), 71, 2),
        (String(repeating: "字", count: 134), 134, 2), (String(repeating: "字", count: 135), 135, 3),
        ("ᠮᠣᠩᠭᠣᠯ", 6, 1), ("👩‍👧", 5, 1),
    ])
    func otherTextIsCountedInUnitsOfUTF16(text: String, length: Int, segments: Int) {
        let sms = SMSText(text)
        #expect(sms.encoding == .ucs2 && sms.length == length && sms.segments == segments)
    }

    /// 66 units and then a pair of two: the pair goes to the next part whole.
    @Test func aPairIsNotSplitBetweenParts() {
        let text = String(repeating: "字", count: 66) + "👩" + String(repeating: "字", count: 66)
        #expect(SMSText(text).length == 134)
        #expect(SMSText(text).segments == 3)
    }

    @Test func theSignatureCounts() throws {
        let signature = try SMSSignature("平安生活")
        #expect(signature.length == 6)
        #expect(SMSText(String(repeating: "字", count: 64), signatureLength: 6).segments == 1)
        #expect(SMSText(String(repeating: "字", count: 65), signatureLength: 6).segments == 2)
        #expect(SMSText("Hello", signatureLength: 6).encoding == .ucs2)
    }

    @Test(arguments: ["", "一", "【平安】", "平\n安", "平安平安平安平安平安平安平", "[平安]"])
    func aSignatureThatIsNoneIsRefused(name: String) {
        #expect(throws: SMSError.self) { try SMSSignature(name) }
    }
}

@Suite struct SMSNumberTests {
    @Test(arguments: [
        ("13800138000", "+8613800138000"), ("+8613800138000", "+8613800138000"), ("008613800138000", "+8613800138000"),
        ("0085291234567", "+85291234567"), ("+4915112345678", "+4915112345678"),
    ])
    func aMobileNumberIsTaken(text: String, e164: String) throws {
        #expect(try SMSNumber(text).e164 == e164)
    }

    @Test(arguments: [
        "", "1380013800", "138001380000", "12800138000", "+8612800138000", "+86 13800138000", "１３８００１３８０００",
        "04711234567",
        "95588", "+0123456789", "+1234567", "+1234567890123456", "13800138000\r\n", "13800138000,13900139000", "abc",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(throws: SMSError.self) { try SMSNumber(text) }
    }

    @Test func aTextThatIsEmptyOrHugeIsRefused() {
        for text in ["", String(repeating: "字", count: 1001)] {
            #expect(throws: SMSError.self) {
                try OutgoingSMS(id: "x", to: "13800138000", text: text, template: "t", validity: .seconds(60))
            }
        }
    }

    @Test func nothingPrintsANumberOrAText() throws {
        let message = try OutgoingSMS(
            id: "x", to: "13800138000", text: "请回电", template: "t", validity: .seconds(60))
        var printed = "\(message) \(message.number)"
        dump(message, to: &printed)
        #expect(!printed.contains("138") && !printed.contains("回电"))
    }
}
