import AgencyDoors
import CaseworkStore
import GatewayService
import JobQueue
import Ledger
import Safeguarding
import ServiceKit

/// The agencies' HTTP door, and the sender of webhooks.
@main
struct Main {
    static func main() async {
        await ServiceRunner.run(
            "gateway", port: 8082,
            migrations: [
                QueueMigrations.set, CaseworkMigrations.set, SafeguardingMigrations.set, AgencyDoorMigrations.set,
                LedgerMigrations.set,
            ]
        ) { context in
            try GatewayService(context).services
        }
    }
}
