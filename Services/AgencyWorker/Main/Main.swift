import AgencyWorkerService

/// The reference consumer of a partner agency.
@main
struct Main {
    static func main() async {
        await AgencyWorkerCommand.start()
    }
}
