import FoundationEssentials
import ServiceKit

/// A fresh bearer key: 256 random bits behind a prefix that says whose it is. Shown or written once; the database
/// holds its SHA-256 only.
struct BearerKey: Sendable {
    enum Holder: String {
        case agency = "dak"
        case intakeClient = "dik"
    }

    let text: String

    init(for holder: Holder) {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let word = Data(bytes).base64EncodedString().compactMap { character -> Character? in
            switch character {
            case "+": "-"
            case "/": "_"
            case "=": nil
            default: character
            }
        }
        self.text = "\(holder.rawValue)_" + String(word)
    }

    /// A key that was made before.
    /// - Throws: `CommandFailure` when the file holds something else.
    init(file path: String, for holder: Holder) throws(CommandFailure) {
        let word = try TextFile.secret(path)
        guard word.hasPrefix("\(holder.rawValue)_"), word.utf8.count >= 24 else {
            throw CommandFailure(.badData, "\(path) does not hold a key that begins with \(holder.rawValue)_")
        }
        self.text = word
    }

    /// What the database holds.
    var hash: [UInt8] { TokenHash(ofToken: self.text).bytes }
}
