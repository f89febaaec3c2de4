/// Whether the services' connections fit into what the server allows.
struct ConnectionBudget: Equatable, Sendable {
    /// Beside its pool each process has a listener, and one with a worker its control connections.
    static let listenerConnections = 1
    static let controlConnections = 2

    /// The services of the network, and whether they work a queue.
    static let services = [
        "intake": false, "routing": true, "notification": true, "gateway": true, "ledger-signer": false,
    ]

    /// How many processes of each service run.
    var replicas: [String: Int]
    var poolSize: Int
    /// What the server leaves to logins that are no superuser.
    var available: Int

    /// What agencies' own logins may open at the SQL door, all together.
    var partners = 0

    /// The most connections the services can have at once.
    var needed: Int {
        self.replicas.reduce(0) { sum, entry in
            let control = Self.services[entry.key] == true ? Self.controlConnections : 0
            return sum + entry.value * (self.poolSize + Self.listenerConnections + control)
        }
    }

    var finding: Finding {
        let counts = self.replicas.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        let said = "\(counts) with pools of \(self.poolSize) need up to \(self.needed) of \(self.available) connections"
        if self.needed > self.available {
            return .failed(
                "connections", said,
                "raise max_connections, lower DANDELION_POOL_SIZE or the replicas, or put pgbouncer in between")
        }
        if self.partners > 0, self.needed + self.partners > self.available {
            return .warning(
                "connections", "\(said), and agencies' logins may open \(self.partners) more",
                "raise max_connections, or lower the connection limits of agencies that need fewer")
        }
        // Operators, migrations, backups and a rolling update need some, too.
        if (self.needed + self.partners) * 10 > self.available * 8 {
            return .warning(
                "connections", said,
                "leave a fifth free for operators and updates: raise max_connections or lower the pools")
        }
        return .ok("connections", said)
    }

    /// Reads `intake=2,routing=1`.
    static func replicas(_ text: String) throws(CommandFailure) -> [String: Int] {
        var replicas: [String: Int] = [:]
        for part in text.split(separator: ",") {
            let words = part.split(separator: "=", omittingEmptySubsequences: false)
            guard words.count == 2, let count = Int(words[1]), (0...10_000).contains(count),
                self.services[String(words[0])] != nil
            else {
                let known = self.services.keys.sorted().joined(separator: ", ")
                throw CommandFailure(.usage, "--replicas looks like intake=2,routing=1; services are \(known)")
            }
            replicas[String(words[0])] = count
        }
        return replicas
    }

    /// Reads them off the names that connections give: each process has one listener.
    static func replicas(applicationNames: [String: Int]) -> [String: Int] {
        var replicas: [String: Int] = [:]
        for service in self.services.keys {
            let count = applicationNames["dandelion-\(service)-listener"] ?? 0
            if count > 0 { replicas[service] = count }
        }
        return replicas
    }
}
