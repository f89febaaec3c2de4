import RoutingService

@main
struct Main {
    static func main() async {
        await RoutingService.run()
    }
}
