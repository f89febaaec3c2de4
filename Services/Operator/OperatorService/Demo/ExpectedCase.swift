import Casework
import FoundationEssentials

/// Where a demonstration case must end, as `<name>.expected.json` says.
struct ExpectedCase: Decodable, Equatable, Sendable {
    /// When a referral is opened.
    enum Step: String, Decodable, Sendable {
        case first
        case afterRejection = "after_rejection"
        case afterSilence = "after_silence"
        case afterSafety = "after_safety"
    }

    struct Referral: Decodable, Hashable, Sendable {
        var agencyKind: AgencyKind
        var division: DivisionCode
        var purpose: Purpose
        var status: ReferralStatus
        var step: Step

        private enum CodingKeys: String, CodingKey {
            case agencyKind = "agency_kind"
            case division, purpose, status, step
        }
    }

    struct Withheld: Decodable, Hashable, Sendable {
        var agencyKind: AgencyKind
        var purpose: Purpose
        var why: WithheldReason

        private enum CodingKeys: String, CodingKey {
            case agencyKind = "agency_kind"
            case purpose, why
        }
    }

    struct Message: Decodable, Hashable, Sendable {
        var to: PersonRole
        /// A state of a message.
        var result: String
    }

    var title: String
    var referrals: [Referral]
    var withheld: [Withheld]
    var caseStatus: CaseStatus
    var ownerLevel: DivisionLevel
    var events: [String]
    var messages: [Message]

    private enum CodingKeys: String, CodingKey {
        case caseStatus = "case_status"
        case ownerLevel = "owner_level"
        case title, referrals, withheld, events, messages
    }
}

/// A demonstration case: the request and its expected end.
struct DemoCase: Sendable {
    /// The file's name without `.json`.
    let name: String
    let request: [UInt8]
    let expected: ExpectedCase

    /// For each line of its timeline: `02 李女士（玉泉区）`.
    var label: String {
        let title = self.expected.title.prefix { !"：，；,:".contains($0) }
        return "\(self.name.prefix(2)) \(title)"
    }

    /// The cases of a directory, by name.
    /// - Throws: `CommandFailure` that names the file at fault.
    static func load(directory: String) throws(CommandFailure) -> [DemoCase] {
        let files: [String]
        do {
            files = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
        } catch {
            throw CommandFailure(
                .badData, "\(directory) cannot be listed; name the directory of the cases with --cases")
        }
        var cases: [DemoCase] = []
        for file in files where file.hasSuffix(".json") && !file.hasSuffix(".expected.json") {
            let name = String(file.dropLast(5))
            let path = "\(directory)/\(name).expected.json"
            let expected = try TextFile.bytes(path)
            do {
                cases.append(
                    DemoCase(
                        name: name, request: try TextFile.bytes("\(directory)/\(file)"),
                        expected: try JSONDecoder().decode(ExpectedCase.self, from: Data(expected))))
            } catch let failure as CommandFailure {
                throw failure
            } catch {
                throw CommandFailure(.badData, "\(path) is no description of a case's end; see deploy/demo/README.md")
            }
        }
        guard !cases.isEmpty else { throw CommandFailure(.badData, "\(directory) holds no cases") }
        return cases
    }
}
