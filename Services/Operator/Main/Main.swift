import OperatorService

/// The operators' command line: `dandelion --help`.
@main
struct Main {
    static func main() async {
        await DandelionCommand.start()
    }
}
