import NotificationService

/// The notification service: `DANDELION_DATABASE=… DANDELION_SMTP_URL=… notification`.
@main
struct Main {
    static func main() async {
        await NotificationProcess.run()
    }
}
