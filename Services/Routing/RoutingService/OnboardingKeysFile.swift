import FoundationEssentials
import Logging
import Safeguarding
import ServiceKit

/// Takes what the file with the onboarding keys says: a key that was taken back is refused from then on. One that says nothing of use
/// changes nothing, since without a key nothing would be sealed to anybody; it is said in one line.
struct OnboardingKeysFile: Sendable {
    static let remedy =
        "the file must hold one or two lines `ed25519 KEY`, and any of `revoked FINGERPRINT`; "
        + "take onboarding-key.pub as `dandelion agency key create` made it"

    let keys: AgencyKeys
    let logger: Logger

    func changed(_ reading: FileWatch.Reading) {
        switch reading {
        case .content(let bytes):
            guard let trusted = OnboardingKeys(text: String(decoding: bytes, as: UTF8.self)) else {
                return self.keep("is not right: \(Self.remedy)")
            }
            if self.keys.trust(trusted) { self.logger.notice("Onboarding keys read anew") }
        case .unreadable(let problem): self.keep(problem)
        }
    }

    private func keep(_ problem: String) {
        self.logger.error(
            "DANDELION_ONBOARDING_KEYS_FILE not read anew, the keys as they were go on being believed",
            metadata: ["file.problem": "\(problem)"])
    }
}
