import LedgerSignerService

@main
struct Main {
    static func main() async {
        await LedgerSignerService.run()
    }
}
