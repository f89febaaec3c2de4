import Casework
import Safeguarding
import Testing

@testable import Messaging

@Suite struct ProvidersFileTests {
    private func read(_ yaml: String) throws -> ProvidersFile {
        try ProvidersFile(yaml: yaml) { path in
            guard path == "/secret" else { throw CancellationError() }
            return "geheim"
        }
    }

    private static let mail = """
        - { name: relay, kind: smtp, url: "smtps://mail.example.org", user: u, password_file: /secret, sender: post@example.org }
        """
    private static let carrier = """
        - { name: carrier, kind: aliyun, key_id: K, secret_file: /secret, signature: 平安生活, templates: { please_call_back: SMS_1 }, cost: 4500, per_second: 50, receipts: aliyun, receipts_secret_file: /secret }
        """

    @Test func aFileIsRead() throws {
        let file = try self.read(
            """
            providers:
            \(Self.mail)
            \(Self.carrier)
            - { name: gateway, kind: sms_gateway, url: "https://sms.example.org/v1", secret_file: /secret, signature: 平安生活, body: '{"to": "{number}", "text": "{text}", "ttl": "{validity_seconds}"}' }
            - { name: drill, kind: file, channel: sms, path: /tmp/x, signature: 平安生活 }
            routes:
            - { audience: help_seeker, channel: sms, division: "150100", providers: [carrier, gateway] }
            - { audience: help_seeker, channel: email, providers: [relay] }
            - { audience: station, channel: email, providers: [relay] }
            """)
        #expect(file.set.all.map(\.name) == ["carrier", "drill", "gateway", "relay"])
        #expect(file.callbacks.map(\.provider) == ["carrier"])
        #expect(file.set.cost("carrier", segments: 2) == 9000)
        #expect(file.set.all.first { $0.name == "carrier" }?.sender.holds == .seconds(600))
        #expect(file.set.all.first { $0.name == "gateway" }?.sender.holds == nil)
    }

    @Test(arguments: [
        ("", "providers file"), ("- x", "form"), ("providers: [", "YAML"),
        ("providers: []\nroutes: []\nother: 1", "providers and routes only"),
        ("providers:\n- { name: a, kind: smtp, sender: post@example.org }\nroutes: []", "url is missing"),
        ("providers:\n- { name: a, kind: fax }\nroutes: []", "form"),
        ("providers:\n- { name: a, kind: smtp, url: 'smtps://m', sender: x, colour: red }\nroutes: []", "not known"),
        ("providers:\n- { name: a, kind: smtp, url: 'http://m', sender: post@example.org }\nroutes: []", "URL"),
        (
            "providers:\n- { name: a, kind: smtp, url: 'smtps://m', user: u, password_file: /none, sender: post@example.org }\nroutes: []",
            "secret file"
        ),
        ("providers:\n\(mail)\n\(mail)\nroutes: []", "one name"),
        (
            "providers:\n- { name: 'A b', kind: smtp, url: 'smtps://m', sender: post@example.org }\nroutes: []",
            "provider's name"
        ),
        (
            "providers:\n- { name: a, kind: smtp, url: 'smtps://m', sender: post@example.org, unsubscribe: x }\nroutes: []",
            "the provider a"
        ),
        ("providers:\n\(mail)\nroutes:\n- { audience: everybody, channel: email, providers: [relay] }", "audience"),
        ("providers:\n\(mail)\nroutes:\n- { audience: station, channel: sms, providers: [relay] }", "another way"),
        ("providers:\n\(mail)\nroutes:\n- { audience: station, channel: email, providers: [] }", "no providers"),
        (
            "providers:\n\(mail)\nroutes:\n- { audience: station, channel: email, division: '15', providers: [relay] }",
            "division"
        ),
        (
            "providers:\n\(mail)\nroutes:\n- { audience: station, channel: email, providers: [other] }",
            "unknown provider"
        ),
    ])
    func aFileThatIsWrongIsRefusedInOneLine(yaml: String, part: String) {
        let error = #expect(throws: ProvidersFile.Problem.self) { try self.read(yaml) }
        let text = error?.description ?? ""
        #expect(text.contains(part), "\(text)")
        #expect(!text.contains("\n") && !text.contains("geheim"))
    }

    /// Signatures are registered with carriers and cannot be changed in a hurry: one that says who writes does not load.
    @Test(arguments: [
        "{ name: x, kind: aliyun, key_id: K, secret_file: /secret, signature: 某市妇联, templates: {} }",
        "{ name: x, kind: file, channel: sms, path: /tmp/x, signature: 维权热线 }",
    ])
    func aSignatureThatSaysWhoWritesIsForStationsOnly(provider: String) throws {
        let error = #expect(throws: ProvidersFile.Problem.self) {
            try self.read(
                "providers:\n- \(provider)\nroutes:\n- { audience: help_seeker, channel: sms, providers: [x] }")
        }
        #expect(error?.description.contains("signature") == true)
        _ = try self.read("providers:\n- \(provider)\nroutes:\n- { audience: station, channel: sms, providers: [x] }")
    }

    @Test func aDomainThatSaysWhoWritesIsRefused() {
        for extra in ["dkim_domain: women.example.org", "x"] {
            let sender = extra == "x" ? "12338@example.org" : "post@example.org, \(extra)"
            let error = #expect(throws: ProvidersFile.Problem.self) {
                try self.read(
                    """
                    providers:
                    - { name: x, kind: smtp, url: "smtps://mail.example.org", sender: \(sender) }
                    routes:
                    - { audience: help_seeker, channel: email, providers: [x] }
                    """)
            }
            #expect(error?.description.contains("says who writes") == true)
        }
    }
}
