import AgencyDoors
import DandelionAgency
import FoundationEssentials
import PostgresClient
import Safeguarding
import ServiceKit

/// Tries an agency's doors with the agency's own credentials, as it would itself. Nothing is leased and nothing answered.
struct AgencyDoorProbe: Sendable {
    /// Holds what of `key`, `private.key` and `password` the agency was given.
    let directory: String
    let code: String

    static let looks = Statement(name: "probe_partner_door", "SELECT referral FROM partner.referrals(1)")

    /// `open`, or why not; `nil` without a bearer key or a gateway to ask.
    func httpDoor(_ gateway: String?) async throws -> String? {
        let file = AgencyCredentials(directory: self.directory).keyPath
        guard let gateway, TextFile.exists(file) else { return nil }
        do {
            let client = try AgencyClient(
                gatewayURL: gateway, key: try TextFile.secret(file), retry: AgencyRetryPolicy(maximumAttempts: 1))
            _ = try await client.referrals(limit: 1)
            return "open"
        } catch let error as AgencyError {
            return "closed: \(error.code)"
        }
    }

    /// `open`, or why not; `nil` without a password.
    /// - Parameter door: where the database is; the login and its password are added.
    func sqlDoor(_ door: PostgresConfiguration) async throws -> String? {
        let file = "\(self.directory)/password"
        guard TextFile.exists(file) else { return nil }
        guard !door.dsn.contains("://") else {
            return "not tried: give --sql-door as words like 'host=db dbname=dandelion'"
        }
        var configuration = door
        let password = try TextFile.secret(file).replacing("\\", with: "\\\\").replacing("'", with: "\\'")
        configuration.dsn += " user=\(PartnerLogins.name(for: self.code)) password='\(password)'"
        do {
            let connection = try await PostgresConnection.connect(configuration)
            do {
                _ = try await connection.execute(Self.looks)
                await connection.close()
                return "open"
            } catch {
                await connection.close()
                return "closed: \(SafeDiagnosis.of(error))"
            }
        } catch {
            return "closed: \(SafeDiagnosis.of(error))"
        }
    }

    /// Whether the private key opens what is sealed to the registered one; `nil` without a private key.
    func privateKey(registered: [UInt8]?) throws -> String? {
        let file = AgencyCredentials(directory: self.directory).privateKeyPath
        guard TextFile.exists(file) else { return nil }
        guard let registered else { return "no key is registered" }
        do {
            let key = try AgencyPrivateKey(fileContent: try TextFile.bytes(file))
            return key.publicKey == registered ? "fits" : "another key is registered"
        } catch is AgencyError {
            return "the file holds no private key"
        }
    }
}
