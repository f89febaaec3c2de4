import CaseworkStore
import Contracts
import FoundationEssentials
import JobQueue
import JobTypes
import JobWorker
import Logging
import Mail
import Metrics

/// Tells a station's desk. The notice is settled in the transaction that completes the job.
struct NotifyStaffHandler: JobHandler {
    typealias Arguments = NotifyStaff

    let send: SendMail
    /// Desks are told soon or a person has to notice otherwise: the waits end at ten minutes.
    let retryPolicy = RetryPolicy(initialDelay: .seconds(2), maximumDelay: .seconds(600))
    private let notices = NoticeStore()

    init(send: @escaping SendMail) {
        self.send = send
    }

    func run(_ arguments: NotifyStaff, _ context: JobContext) async throws -> JobOutcome {
        guard let notice = try await self.notices.forSending(arguments.noticeID, on: context.pool) else {
            return .discard(code: "unknown_notice")
        }
        // Settled before: this is a repeat.
        guard notice.state == .pending else { return .completed }
        guard let address = notice.email else { return try await self.fail(notice, "no_address", .completed, context) }
        let mail: OutgoingMail
        do throws(MailError) {
            mail = try StaffMail.mail(notice, to: address, date: context.job.createdAt)
        } catch {
            return try await self.fail(notice, "bad_address", .completed, context)
        }
        switch try Delivery(await self.send(mail)) {
        case .accepted:
            Counter(label: "notification_staff_mail", dimensions: [("result", "sent")]).increment()
            return try await context.completing("notice_sent") { transaction in
                _ = try await self.notices.settle(notice.id, as: .sent, on: transaction)
            }
        case .refused(let reason):
            return try await self.fail(notice, reason, .completed, context)
        case .later(let reason):
            guard context.isLastAttempt else { throw JobFailure(code: reason) }
            return try await self.fail(notice, reason, .discard(code: reason), context)
        }
    }

    /// Nobody was told, and the case's timeline says so.
    private func fail(
        _ notice: NoticeForSending, _ reason: String, _ outcome: JobOutcome, _ context: JobContext
    ) async throws -> JobOutcome {
        Counter(label: "notification_staff_mail", dimensions: [("result", "failed")]).increment()
        context.logger.error(
            "A station was not told", metadata: ["notice.id": "\(notice.id)", "notice.reason": "\(reason)"])
        return try await context.settling("notice_failed") { transaction in
            _ = try await self.notices.settle(notice.id, as: .failed, reason: reason, on: transaction)
            return outcome
        }
    }
}
