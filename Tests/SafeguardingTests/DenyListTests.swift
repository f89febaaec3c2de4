import Safeguarding
import Testing

/// S5.
@Suite struct DenyListTests {
    private func hit(_ text: String, names: [String] = []) -> DenyList.Hit? {
        DenyList.helpSeeker.firstHit(in: text, names: names)
    }

    @Test(arguments: [
        "请拨打12338", "请拨打１２３３８", "请拨打 1 2 3 3 8", "请拨打1-2-3-3-8", "妇联提醒您", "妇 联", "妇\u{200B}联", "关于家暴的事", "家庭暴力",
        "公安机关已受理",
        "法院通知", "民政局", "法律援助中心", "您的案件有进展", "Women's Federation", "DOMESTIC VIOLENCE", "police", "婦聯", "维权站", "调解员会联系您",
    ])
    func whatGivesHerAwayIsFound(text: String) {
        guard case .term = self.hit(text) else {
            Issue.record("\(text) passed")
            return
        }
    }

    @Test(arguments: [
        "C-7K2M-Q9XA", "编号 c-7k2m-q9xa 请查收", "R-7K2M-Q9XA", "Ｃ－７Ｋ２Ｍ－Ｑ９ＸＡ", "请致电 0471 1234567", "验证码 98765",
    ])
    func numbersAreFound(text: String) {
        #expect(self.hit(text) == .number)
    }

    @Test(arguments: ["回信 a@b.cn", "打开 https://x.cn/y"])
    func addressesAreFound(text: String) {
        #expect(self.hit(text) == .address)
    }

    @Test func namesAreFound() {
        #expect(self.hit("李 娜您好", names: ["王五", "李娜"]) == .name)
        #expect(self.hit("您好", names: ["李娜", "", " "]) == nil)
    }

    @Test(arguments: ["您好，明天上午9:30见。", "Hello, please call back.", "回电：周三 14:00-16:00"])
    func ordinaryWordsPass(text: String) {
        #expect(self.hit(text) == nil)
    }

    @Test(arguments: [
        ("From", "12338@example.org"), ("Return-Path", "desk@women.example.org"), ("DKIM", "dandelion.example.org"),
        ("signature", "呼和浩特妇联"), ("signature", "维权中心"), ("signature", "庇护所"),
    ])
    func aSenderThatSaysWhoWritesIsFound(part: String, text: String) {
        let identity = SenderIdentity(parts: ["other": "post@example.org", part: text])
        #expect(identity.tellingPart == part)
    }

    @Test(arguments: ["post@example.org", "no-reply@mail.invalid", "平安生活", "notice@mail.example.org"])
    func aSenderThatSaysNothingIsNeutral(text: String) {
        #expect(SenderIdentity(parts: ["x": text]).tellingPart == nil)
        #expect(SenderIdentity.mail(address: "post@example.org", dkimDomain: "example.org").tellingPart == nil)
    }
}
