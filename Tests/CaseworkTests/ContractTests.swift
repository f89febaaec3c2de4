import Contracts
import Foundation
import JobTypes
import Testing

@Suite struct ContractTests {
    @Test func argumentsHoldIdsAndAVersionOnly() throws {
        let id = UUID()
        let data = try JSONEncoder().encode(ClockDue(clockID: id))
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(Set(object.keys) == ["clock_id", "version"])
        #expect(object["version"] as? Int == 1)
        #expect(try JSONDecoder().decode(ClockDue.self, from: data) == ClockDue(clockID: id))
    }

    @Test func aNewerVersionIsRefusedRatherThanMisread() {
        let json = #"{"case_id":"4D1E4C8C-9A5F-4C9C-8E0B-0B3C3B1B0F11","version":2}"#
        #expect(throws: UnsupportedContractVersion.self) {
            try JSONDecoder().decode(CaseOpened.self, from: Data(json.utf8))
        }
    }

    @Test func lowerCaseIdsOfSQLAreRead() throws {
        let json = #"{"clock_id":"4d1e4c8c-9a5f-4c9c-8e0b-0b3c3b1b0f11","version":1}"#
        let due = try JSONDecoder().decode(ClockDue.self, from: Data(json.utf8))
        #expect(ClockDue.uniqueKey(clockID: due.clockID) == "clock:4d1e4c8c-9a5f-4c9c-8e0b-0b3c3b1b0f11")
    }

    @Test func everyKindHasItsOwnName() {
        #expect(Set(JobKinds.all).count == JobKinds.all.count)
        #expect(JobKinds.all.map(\.rawValue).contains("referral_offered"))
    }

    @Test func anAgencysQueueNamesTheAgency() {
        let id = UUID()
        let queue = Queues.agency(id)
        #expect(queue.rawValue == "agency.\(id.uuidString.lowercased())")
        #expect(Queues.agencyID(of: queue) == id)
        #expect(Queues.agencyID(of: Queues.routing) == nil)
        #expect(Queues.agencyID(of: QueueName(rawValue: "agency.x")) == nil)
    }
}
