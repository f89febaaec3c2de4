import CaseworkStore
import Contracts
import JobQueue
import JobWorker
import Logging
import Mail
import Safeguarding
import ServiceKit
import ServiceLifecycle

/// The notification service as a process.
public enum NotificationProcess {
    /// Jobs of this process at a time. They wait for mail servers most of the time.
    private static let slots = 8

    /// Runs it until SIGTERM or SIGINT, then exits.
    public static func run() async -> Never {
        await ServiceRunner.run("notification", port: 8084, migrations: [QueueMigrations.set, CaseworkMigrations.set]) {
            context in try Self.services(context)
        }
    }

    private static func services(_ context: ServiceContext) throws -> [any Service] {
        let settings = context.configuration.settings
        let mail = try MailSettings(settings)
        let staff = SMTPClient(mail.staff)
        let people = mail.people.map(SMTPClient.init)
        if people == nil {
            context.logger.warning(
                "Nobody is written to: DANDELION_MAIL_FROM says who we are and DANDELION_NEUTRAL_MAIL_FROM is not set")
        }
        let handlers: [any JobHandler] = [
            NotifyStaffHandler(send: Self.sender(staff)),
            NotifyPersonHandler(keyring: try Self.keyring(settings), send: people.map(Self.sender)),
        ]
        let bell = JobBell(pool: context.pool, logger: context.logger)
        var configuration = JobWorkerConfiguration(
            name: "notification", queues: [Queues.notification: Self.slots], database: context.configuration.database)
        configuration.drainTime = max(.seconds(1), context.configuration.drain - .seconds(3))
        let worker = JobWorker(
            configuration, pool: context.pool, listener: context.listener, bell: bell, handlers: handlers,
            logger: context.logger)
        return [bell, worker, context.operationsDoor()]
    }

    private static func sender(_ client: SMTPClient) -> SendMail {
        { mail in await client.send(mail) }
    }

    private static func keyring(_ settings: Settings) throws -> FieldKeyring {
        let path = try settings.requiredString("DANDELION_FIELD_KEYS_FILE", remedy: "set it to the field key file")
        do throws(KeyFileError) {
            return try FieldKeyring(path: path)
        } catch {
            throw ServiceExit(.configuration, "DANDELION_FIELD_KEYS_FILE: \(error)")
        }
    }
}
