import Casework
import Foundation
import Safeguarding
import Testing

@testable import Messaging

@Suite struct TemplateTests {
    private func template(
        _ source: String, _ file: String = "help_seeker.sms.x_y.zh-Hans.mustache"
    ) throws -> MessageTemplate {
        try MessageTemplate(#require(TemplateName(file: file)), source: Array(source.utf8))
    }

    // MARK: - What is shipped

    @Test func theListIsTheDirectory() throws {
        let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../Shared/Messaging/Templates")
        let files = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
        #expect(TemplateList.shipped.map(\.name).sorted() == files)
    }

    @Test(arguments: TemplateCatalog.shipped.all.map(\.name).filter { $0.audience == .helpSeeker })
    func nothingAHelpSeekerIsSentSaysAnything(name: TemplateName) throws {
        let template = try #require(
            TemplateCatalog.shipped.template(
                name.name, for: .helpSeeker, channel: name.channel, languages: [name.language]))
        let text = template.render()
        #expect(DenyList.helpSeeker.firstHit(in: "\(text.subject)\n\(text.text)") == nil)
        #expect(!text.text.contains { ("0"..."9").contains($0) })
        #expect(!text.text.isEmpty && text.subject.isEmpty == (name.channel == .sms))
    }

    /// Every message routing asks for has a text in both languages and on both channels.
    @Test(arguments: ["request_received", "please_call_back", "news_for_you", "appointment", "follow_up"])
    func everyMessageHasItsTexts(name: String) {
        #expect(Set(TemplateCatalog.shipped.texts(forHelpSeeker: name).keys) == [.email, .sms])
        for language in ["zh-Hans", "en"] {
            for channel in [TemplateChannel.email, .sms] {
                let template = TemplateCatalog.shipped.template(
                    name, for: .helpSeeker, channel: channel, languages: [language])
                #expect(template?.name.language == language)
            }
        }
    }

    @Test(arguments: [
        "call_agency_emergency", "call_agency", "escalated", "backstop", "follow_up_due", "case_closed",
        "contact_suppressed", "contact_failed", "station_unreachable", "something_new",
        "call_back_due", "not_settled", "task_overdue", "access_opened", "disclosure_overridden",
        "new_case", "due_soon", "clock_breached", "referral_rejected", "objected", "re_assess",
    ])
    func everyNoticeSaysTheNumberAndTheMatter(kind: String) {
        for language in ["zh-Hans", "en"] {
            let text = TemplateCatalog.shipped.text(
                for: .station, kind, channel: .email, values: ["number": "C-7K2M-0QX9"], languages: [language])
            #expect(text.subject.contains("C-7K2M-0QX9") && text.text.contains("C-7K2M-0QX9"))
            let short = TemplateCatalog.shipped.text(
                for: .station, kind, channel: .sms, values: ["number": "C-7K2M-0QX9"], languages: [language])
            #expect(short.text == text.subject && short.subject.isEmpty)
        }
    }

    @Test(arguments: ["referral_offered", "referral_due", "referral_withdrawn", "referral_escalated", "something_new"])
    func everyMessageToAnAgencySaysTheReferral(kind: String) {
        for language in ["zh-Hans", "en"] {
            let text = TemplateCatalog.shipped.text(
                for: .agency, kind, channel: .email, values: ["referral": "R-7K2M-0QX9", "agency": "甲"],
                languages: [language])
            #expect(text.subject.contains("R-7K2M-0QX9") && text.text.contains("R-7K2M-0QX9"))
        }
    }

    @Test(arguments: ["provider_down", "dead_letters", "clock_backlog", "something_new"])
    func everyMessageToOperatorsSaysWhatIsInTrouble(kind: String) {
        for language in ["zh-Hans", "en"] {
            let text = TemplateCatalog.shipped.text(
                for: .operators, kind, channel: .email, values: ["about": "relay-1"], languages: [language])
            #expect(text.subject.contains("relay-1") && !text.text.isEmpty)
        }
    }

    // MARK: - What is loaded

    @Test(arguments: [
        "", "\n\n", "请拨打12338", "妇联提醒您", "您的案件有进展", "{{name}}您好", "您好{{", "您好}}", "{{{x}}}您好",
        "{{#a}}x{{/a}}", "{{>other}}",
        "{{&x}}", "{{=<% %>=}}您好", "{{! 注释 }}您好", "{{uppercased(x)}}", "请点击 https://x.cn", "请致电 0471 1234567",
        String(repeating: "您好，", count: 60), String(repeating: "x", count: 9000),
    ])
    func aTemplateThatIsNotSafeIsRefused(source: String) throws {
        #expect(throws: TemplateError.self) { try self.template(source) }
    }

    @Test(arguments: [
        "您好", "subject:\n\n您好", "subject: \n\n您好", "subject: 您好\n您好", "subject: 妇联\n\n您好", "subject: 您\u{85}好\n\n您好",
    ])
    func aMailNeedsASubjectThatSaysNothing(source: String) throws {
        #expect(throws: TemplateError.self) {
            try self.template(source, "help_seeker.email.x_y.zh-Hans.mustache")
        }
    }

    @Test func aTemplateThatIsNotTextIsRefused() throws {
        let name = try #require(TemplateName(file: "help_seeker.sms.x_y.zh-Hans.mustache"))
        #expect(throws: TemplateError.self) { try MessageTemplate(name, source: [0xFF, 0xFE]) }
    }

    @Test(arguments: [
        "x.mustache", "help_seeker.sms.x_y.zh-Hans.txt", "nobody.sms.x_y.en.mustache", "station.fax.x_y.en.mustache",
        "station.desk.X.en.mustache", "station.desk.x_y.e.mustache", "station.desk.x_y.en_US.mustache",
        "../station.desk.x_y.en.mustache",
    ])
    func aFileThatIsNotNamedSoIsNone(file: String) {
        #expect(TemplateName(file: file) == nil)
    }

    @Test func valuesAreWrittenAsTheyAre() throws {
        let template = try self.template(
            "subject: {{number}}\n\n{{station}}：{{number}}", "station.desk.x_y.zh-Hans.mustache")
        #expect(template.placeholders == ["number", "station"])
        let text = template.render(["number": "C-<1>&\"", "station": "甲 & 乙"])
        #expect(text == MessageText(subject: "C-<1>&\"", text: "甲 & 乙：C-<1>&\""))
    }

    @Test func anInstallationAddsALanguageAndReplacesAText() throws {
        let catalog = try TemplateCatalog(files: [
            (
                "help_seeker.sms.please_call_back.mn.mustache",
                Array("Сайн байна уу, боломжтой үедээ эргэж залгаарай.".utf8)
            ),
            ("help_seeker.sms.please_call_back.zh-Hans.mustache", Array("您好，请回电。".utf8)),
        ])
        #expect(
            catalog.texts(forHelpSeeker: "please_call_back", languages: ["mn"])[.sms]?.text.hasPrefix("Сайн") == true)
        #expect(catalog.texts(forHelpSeeker: "please_call_back", languages: ["xx"])[.sms]?.text == "您好，请回电。")
        #expect(
            catalog.texts(forHelpSeeker: "follow_up", languages: ["mn"])[.sms]
                == TemplateCatalog.shipped.texts(forHelpSeeker: "follow_up")[.sms],
            "what is not translated is in the first")
    }

    @Test func everythingThatIsWrongIsSaid() {
        let error = #expect(throws: TemplateErrors.self) {
            try TemplateCatalog(files: [
                ("help_seeker.sms.a_b.zh-Hans.mustache", Array("妇联".utf8)), ("x.mustache", []),
                ("station.desk.new_kind.en.mustache", Array("subject: x\n\nx".utf8)),
            ])
        }
        #expect(error?.problems.count == 3)
        #expect(error.map { !$0.description.contains("找您") } == true)
    }
}
