@testable import Ledger
import Testing

/// The example of golang.org/x/mod/sumdb/note, whose format C2SP signed-note describes, and what is no note.
@Suite struct NoteTests {
    static let secret = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
    static let publicKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    static let text =
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    static let signature =
        "\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"

    private func refusal(_ note: String, _ key: String = publicKey) throws -> LedgerError? {
        let verifier = try NoteVerifier(key)
        return #expect(throws: LedgerError.self) { try SignedNote(note, verifiedBy: verifier) }
    }

    @Test func thePublishedExampleIsVerified() throws {
        let note = "\(Self.text)\n\(Self.signature)"
        #expect(try SignedNote(note, verifiedBy: NoteVerifier(Self.publicKey)).text == Self.text)
    }

    @Test func thePublishedKeySignsLikeThePublishedExample() throws {
        let signer = try NoteSigner(secret: Self.secret)
        #expect("\(signer.verifier)" == Self.publicKey)
        #expect(signer.secret == Self.secret)
        // Ed25519 may be made with randomness: what counts is that the signature is one.
        let note = try SignedNote(signing: Self.text, by: signer)
        #expect(try SignedNote(note.encoded, verifiedBy: signer.verifier).text == Self.text)
    }

    @Test func aSignatureOfAnotherIsPassedOver() throws {
        let other = try NoteSigner(generating: "example.com/other")
        let both = try SignedNote(signing: Self.text, by: other).encoded + Self.signature
        #expect(try SignedNote(both, verifiedBy: NoteVerifier(Self.publicKey)).text == Self.text)
        #expect(try SignedNote(both, verifiedBy: other.verifier).text == Self.text)
    }

    @Test func whatWasChangedOrForgedIsRefused() throws {
        let note = "\(Self.text)\n\(Self.signature)"
        guard case .signature = try self.refusal(note.replacing("answer", with: "Answer")) else {
            Issue.record("a changed text")
            return
        }
        guard case .signature = try self.refusal(note.replacing("x08go", with: "x08gp")) else {
            Issue.record("another key's id")
            return
        }
        guard case .signature = try self.refusal(note.replacing("PeterNeumann x", with: "PeterNorvig x")) else {
            Issue.record("another key's name")
            return
        }
        let other = try NoteSigner(generating: "PeterNeumann")
        guard case .signature = try self.refusal(SignedNote(signing: Self.text, by: other).encoded) else {
            Issue.record("a key of the same name")
            return
        }
    }

    @Test(arguments: [
        "", "\n", "\n\n", "text\n", "text\n\n", "text\n\n\n", "text\n\nno signature\n",
        "text\n\n\u{2014} PeterNeumann\n", "text\n\n\u{2014} PeterNeumann x08g\n",
        "text\n\n- PeterNeumann x08go/ZJkg==\n",
        "te\u{7}xt\n\n\(signature)", "te\rxt\n\n\(signature)", "\ntext\n\n\(signature)",
        "text\n\n\(signature.dropLast())", "text\n\n\(signature)\n", "text\n\n\(signature)x",
        String(repeating: "a", count: 20_000) + "\n\n\(signature)",
    ])
    func whatIsNoNoteIsRefused(_ note: String) throws {
        #expect(try self.refusal(note) != nil)
    }

    @Test(arguments: [
        "", "a", "a+b", "a+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "PeterNeumann+c74f20a3+ARpc",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ])
    func whatIsNoKeyIsRefused(_ key: String) {
        #expect(throws: LedgerError.self) { try NoteVerifier(key) }
        #expect(throws: LedgerError.self) { try NoteSigner(secret: "PRIVATE+KEY+\(key)") }
    }

    @Test func aCheckpointIsReadAsItWasSigned() throws {
        let signer = try NoteSigner(generating: "example.org/ledger")
        let signed = try SignedCheckpoint(size: 20_852_163, root: .leaf([1]), by: signer)
        #expect(
            signed.note.hasPrefix("example.org/ledger\n20852163\n\(TreeHash.leaf([1]))\n\n\u{2014} example.org/ledger ")
        )
        #expect(try SignedCheckpoint(note: signed.note, verifiedBy: signer.verifier) == signed)
    }

    /// The example of C2SP tlog-checkpoint: its text, whose key is not published.
    @Test func thePublishedCheckpointIsRead() throws {
        let read = try Checkpoint(
            text: "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")
        #expect(read.origin == "example.com/behind-the-sofa")
        #expect(read.size == 20_852_163)
        #expect("\(read.root)" == "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
        #expect(read.text == "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")
    }

    @Test(arguments: [
        "a\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "a\n-1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==\n", "a\n1\n",
        "a\n+1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "a\n99999999999999999999\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n",
    ])
    func whatIsNoCheckpointIsRefused(_ text: String) {
        #expect(throws: LedgerError.self) { try Checkpoint(text: text) }
    }

    /// A note of the same key that is about another log.
    @Test func aCheckpointOfAnotherOriginIsRefused() throws {
        let signer = try NoteSigner(generating: "example.org/ledger")
        let text = Checkpoint(origin: "example.org/another", size: 1, root: .leaf([1])).text
        let note = try SignedNote(signing: text, by: signer).encoded
        #expect(throws: LedgerError.self) { try SignedCheckpoint(note: note, verifiedBy: signer.verifier) }
    }
}
