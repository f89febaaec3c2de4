import IntakeService

/// The intake service: `DANDELION_DATABASE=… intake`.
@main
struct Main {
    static func main() async {
        await IntakeProcess.run()
    }
}
