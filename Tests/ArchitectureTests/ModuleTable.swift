/// Who may import whom: the arrows of the layout, all of which point down. The compiler lets a transitive import through,
/// so this table is what holds the layers; it names modules of ours only, and the C modules behind them.
enum ModuleTable {
    static let shared: [String: Set<String>] = [
        "CLibPQ": [],
        "CEpoll": [],
        "CLibCurl": [],
        "CCurlOptions": ["CLibCurl"],
        "PostgresClient": ["CLibPQ", "CEpoll"],
        "Migrations": ["PostgresClient"],
        "JobTypes": [],
        "JobQueue": ["PostgresClient", "Migrations", "JobTypes"],
        "JobWorker": ["JobQueue", "PostgresClient", "JobTypes"],
        "JobConformance": ["JobQueue", "PostgresClient", "JobTypes"],
        "Casework": [],
        "CaseworkStore": ["PostgresClient", "Migrations", "Casework"],
        "Contracts": ["JobTypes", "Casework"],
        "Safeguarding": ["PostgresClient", "Migrations", "Casework"],
        "AgencyDoors": ["PostgresClient", "Migrations", "Casework"],
        "Ledger": ["PostgresClient", "Migrations", "Safeguarding"],
        "ServiceKit": ["PostgresClient", "Migrations", "JobTypes"],
        "Mail": ["CLibCurl", "CCurlOptions"],
        "SMS": [],
        "Messaging": ["Mail", "SMS", "Safeguarding", "Casework"],
        "DandelionAgency": [],
        "JobTestKit": ["JobWorker", "JobQueue", "JobTypes", "PostgresClient", "Migrations"],
        "TestSupport": [
            "PostgresClient", "Migrations", "JobQueue", "CaseworkStore", "Safeguarding", "AgencyDoors", "Ledger",
        ],
    ]

    private static let casework: Set<String> = [
        "PostgresClient", "JobTypes", "JobQueue", "Casework", "CaseworkStore", "Contracts", "Safeguarding",
        "ServiceKit",
    ]

    /// By folder under `Services`. A service that only enqueues imports `JobQueue`, not `JobWorker`.
    static let services: [String: Set<String>] = [
        "Intake": casework,
        "Routing": casework.union(["JobWorker", "Ledger"]),
        "Notification": casework.union(["JobWorker", "Mail", "SMS", "Messaging"]),
        "Gateway": casework.union(["JobWorker", "AgencyDoors", "Ledger"]),
        "LedgerSigner": ["PostgresClient", "Safeguarding", "Ledger", "ServiceKit"],
        "AgencyWorker": ["DandelionAgency"],
        "Operator": casework.union([
            "JobWorker", "JobConformance", "Ledger", "Migrations", "AgencyDoors", "DandelionAgency", "Mail",
            "Messaging", "SMS",
        ]),
    ]

    /// Every target of ours that can be imported, test targets left out since nothing may import them.
    static let ours: Set<String> = Set(shared.keys).union(services.keys.map { "\($0)Service" })

    /// Modules that only tests may import.
    static let forTests: Set<String> = ["TestSupport", "JobTestKit"]

    /// What a target may import, or nil when the table does not know the target.
    static func allowed(for target: String) -> Set<String>? {
        if let allowed = self.shared[target] { return allowed }
        for (folder, allowed) in self.services {
            // `main` composes: it reads the configuration and runs the service, so it may name what it hands over.
            if target == "\(folder)Service" { return allowed }
            if target == "\(folder)Main" { return allowed.union(["\(folder)Service"]) }
        }
        guard target.hasSuffix("Tests") else { return nil }
        let module = String(target.dropLast("Tests".count))
        switch module {
        case "Architecture":
            return []
        case "Integration":
            return Set(self.shared.keys).subtracting(self.cModules)
        default:
            guard self.ours.contains(module) else { return nil }
            return Set(self.shared.keys).subtracting(self.cModules).union([module])
        }
    }

    private static let cModules: Set<String> = ["CLibPQ", "CEpoll", "CLibCurl", "CCurlOptions"]
}
