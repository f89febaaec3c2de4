import Foundation
import JobQueue
import JobTestKit
import JobTypes
import JobWorker
import Logging
import PostgresClient
import ServiceLifecycle
import TestSupport
import Testing

// The examples of the guide (Shared/JobQueue/JobQueue.docc/JobQueue.md). `GuideTests` holds the two together.

struct SendInvoice: JobArguments {
    static let kind: JobKind = "send_invoice"
    var invoice: Int
}

struct SendInvoiceHandler: JobHandler {
    let retryPolicy = RetryPolicy(initialDelay: .seconds(2), maximumDelay: .seconds(600), maximumAttempts: 12)
    let timeout = Duration.seconds(30)

    func run(_ arguments: SendInvoice, _ context: JobContext) async throws -> JobOutcome {
        try await context.completing("send_invoice") { transaction in
            try await transaction.execute(Self.markSent, Int64(arguments.invoice))
        }
    }

    private static let markSent = Statement(
        name: "guide_mark_sent", "UPDATE public.invoice SET sent_at = now() WHERE id = $1")
}

private let insertInvoice = Statement(
    name: "guide_insert_invoice", "INSERT INTO public.invoice (id) VALUES ($1)")

func bill(_ invoice: Int, _ store: JobStore, _ pool: PostgresPool) async throws {
    let request = try JobRequest(
        SendInvoice(invoice: invoice), queue: "invoices", uniqueKey: "invoice:\(invoice)",
        uniqueness: .forPeriod(.seconds(3600)))
    try await pool.withTransaction("bill") { transaction in
        try await transaction.execute(insertInvoice, Int64(invoice))
        try await store.enqueue(request, in: transaction)
    }
}

func services(
    _ database: PostgresConfiguration, _ pool: PostgresPool, _ logger: Logger
) throws -> [any Service] {
    let bell = JobBell(pool: pool, logger: logger)
    let listener = PostgresListener(database, logger: logger)
    let nightly = try PeriodicJob(
        "nightly-billing", Schedule("cron 30 2 * * * in Asia/Shanghai"), catchUp: .one,
        SendInvoice(invoice: 0), queue: "invoices")
    let worker = JobWorker(
        JobWorkerConfiguration(name: "billing", queues: ["invoices": 16], database: database), pool: pool,
        listener: listener, bell: bell, handlers: [SendInvoiceHandler()], periodic: [nightly], logger: logger)
    return [pool, bell, listener, worker]
}

func theInvoiceIsSent(_ database: JobTestDatabase, _ logger: Logger) async throws {
    let job = try await database.enqueue(
        JobRequest(SendInvoice(invoice: 7), queue: "invoices", scheduledAt: Date(timeIntervalSinceNow: 3600)))
    let drain = JobDrain(pool: database.pool, handlers: [SendInvoiceHandler()], logger: logger)
    #expect(try await drain.run(["invoices"]) == 0)
    try await database.time.advance(by: .seconds(3601))
    #expect(try await drain.run(["invoices"]) == 1)
    #expect(try await database.state(of: job) == .completed)
}

func whatWasCutOffWasNotBilled(
    _ database: PostgresConfiguration, _ store: JobStore, _ logger: Logger
) async throws {
    try await FaultProxy.with(.cut(before: "COMMIT"), dsn: database.dsn) { proxy in
        var harmed = database
        harmed.dsn += " \(proxy.detour)"
        let pool = PostgresPool(harmed, logger: logger)
        await #expect(throws: PostgresError.self) { try await bill(9, store, pool) }
        proxy.set(.none)
        // It would be refused if the first had been billed: an invoice has a key.
        try await bill(9, store, pool)
        await pool.close()
    }
}

struct GuideTests {
    private let logger = WorkerFixture.logger

    /// An empty database with nothing of ours but the queue: what another team starts from.
    private func withQueueAlone(_ body: (TestDatabase, JobTestDatabase) async throws -> Void) async throws {
        try await withTestDatabase(.empty) { database in
            try await database.pool.execute(Self.createInvoice)
            let queue = try await JobTestDatabase(
                database.configuration(), pool: database.pool, logger: self.logger)
            try await body(database, queue)
        }
    }

    @Test func theExamplesWork() async throws {
        try await self.withQueueAlone { database, queue in
            try await theInvoiceIsSent(queue, self.logger)
            try await bill(8, queue.store, database.pool)
            await #expect(throws: PostgresError.self) { try await bill(8, queue.store, database.pool) }
            try await whatWasCutOffWasNotBilled(database.configuration(), queue.store, self.logger)
            let group = ServiceGroup(
                services: try services(
                    database.configuration(), PostgresPool(database.configuration(), logger: self.logger), self.logger),
                logger: self.logger)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                try await eventually("the invoice is sent") {
                    try await database.pool.execute(Self.isSent).first?.decode(Bool.self) == true
                }
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
            #expect(try await database.pool.execute(Self.schedules).first?.decode(Int64.self) == 1)
        }
    }

    /// Each block of Swift in the guide stands in this file as it is.
    @Test func theGuideShowsWhatIsTested() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let guide = try String(
            contentsOf: root.appending(path: "Shared/JobQueue/JobQueue.docc/JobQueue.md"), encoding: .utf8)
        let code = try String(contentsOf: URL(filePath: #filePath), encoding: .utf8)
        let blocks = guide.components(separatedBy: "```swift\n").dropFirst()
            .compactMap { $0.components(separatedBy: "\n```").first }
        #expect(blocks.count == 6)
        for block in blocks {
            #expect(code.contains("\n" + block + "\n"), "not in GuideExamples.swift:\n\(block)")
        }
    }

    private static let createInvoice = Statement(
        name: "guide_create_invoice", "CREATE TABLE public.invoice (id bigint PRIMARY KEY, sent_at timestamptz)")
    private static let isSent = Statement(
        name: "guide_is_sent", "SELECT sent_at IS NOT NULL FROM public.invoice WHERE id = 8")
    private static let schedules = Statement(name: "guide_schedules", "SELECT count(*) FROM queue.periodic")
}
