public import Safeguarding

/// The signer's key, in a file of its own that is nobody else's, and the public key beside it for everybody.
public enum LedgerKeyFile {
    /// The name of the file with the secret key.
    public static let secretName = "ledger-key"
    /// The name of the file with the public key.
    public static let publicName = "ledger-key.pub"

    /// Makes the two files unless they are there. A key that is there is never overwritten: what it signed could no longer be
    /// gone on with.
    /// - Parameter origin: the name of the log; a random one when it is nil, since two logs must not share a name.
    /// - Throws: `KeyFileError`, or `LedgerError.malformed` for a name that is none.
    public static func create(directory: String, origin: String? = nil) throws -> [KeyFiles.File] {
        try KeyFile.makeDirectory(directory)
        let secret = "\(directory)/\(Self.secretName)"
        let random = String(UInt64.random(in: 0 ... .max), radix: 36)
        let name = origin ?? "dandelion.invalid/ledger-\(random)"
        let isNew = try self.make(secret, NoteSigner(generating: name).secret)
        let verifier = try self.signer(path: secret).verifier
        let isPublicNew = try self.make("\(directory)/\(Self.publicName)", "\(verifier)")
        return [
            KeyFiles.File(path: secret, isNew: isNew),
            KeyFiles.File(path: "\(directory)/\(Self.publicName)", isNew: isPublicNew),
        ]
    }

    /// The key of a file whose mode lets nobody but its owner use it.
    /// - Throws: `KeyFileError`.
    public static func signer(path: String) throws(KeyFileError) -> NoteSigner {
        let text = String(decoding: try KeyFile.read(path), as: UTF8.self)
        do throws(LedgerError) {
            return try NoteSigner(secret: text.filter { !$0.isWhitespace })
        } catch {
            throw .malformed(path, error.description)
        }
    }

    private static func make(_ path: String, _ text: String) throws(KeyFileError) -> Bool {
        do throws(KeyFileError) {
            try KeyFile.create(path, Array("\(text)\n".utf8))
            return true
        } catch {
            guard error.code == .exists else { throw error }
            return false
        }
    }
}
