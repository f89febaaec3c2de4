import PostgresClient
import Testing

/// What a job may go through, in the steps that `LeaseModel` (JobQueueTests) explores: it waits, somebody has it under a token
/// that only grows, it waits again or is over, once. A drill writes down each step of each job as the tables see it
/// (`log`); here they are looked at one by one.
struct JobLife {
    /// A change of one row, in the order of the changes to that row.
    struct Step: Equatable {
        /// `available`, `running`, `scheduled`, `retryable`; nil where there is no row.
        var was: String?
        var state: String?
        /// Of the lease after the step, or before it where the row goes.
        var token: Token?
        var transaction: Int64
    }

    struct Token: Equatable, Comparable {
        var epoch: Int32
        var number: Int64

        static func < (left: Self, right: Self) -> Bool { (left.epoch, left.number) < (right.epoch, right.number) }
    }

    private var state: String?
    private var token: Token?
    private var highest: Token?
    /// Of the step with which the row last went: it may only have moved to the other partition.
    private var wentIn: Int64?
    private var isBorn = false

    /// What is wrong with a job that goes through these; nil when nothing is.
    static func wrong(_ steps: [Step]) -> String? {
        var life = JobLife()
        for step in steps {
            if let wrong = life.take(step) { return wrong }
        }
        return nil
    }

    private mutating func take(_ step: Step) -> String? {
        guard step.was == self.state else { return "a step from where the job was not" }
        defer {
            self.state = step.state
            self.token = step.state == "running" ? step.token : nil
            self.wentIn = step.state == nil ? step.transaction : nil
        }
        switch (step.was, step.state) {
        case (nil, let state):
            guard state != "running" else { return "made running" }
            if self.isBorn, self.wentIn != step.transaction { return "lives after its end" }
            self.isBorn = true
        case ("available", "running"):
            guard let token = step.token else { return "leased without a token" }
            if let highest, token <= highest { return "a token that has not grown" }
            self.highest = token
        case ("running", "running"):
            guard step.token == self.token else { return "another token in the middle of a lease" }
        case ("running", nil):
            guard step.token == self.token else { return "ended under another token" }
        case (_, "running"): return "leased while it did not wait"
        case (_, _): break  // It waits here or there, or is called off.
        }
        return nil
    }

    // MARK: - Writing it down

    /// In the drill's own database only: a row for each step costs more than the step.
    static let log = """
        CREATE TABLE drill.step (
            number bigint GENERATED ALWAYS AS IDENTITY, job bigint NOT NULL, was text, state text, epoch integer, token bigint,
            transaction xid8 NOT NULL DEFAULT pg_current_xact_id());
        CREATE FUNCTION drill.note_step() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $body$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO drill.step (job, state) VALUES (NEW.id, NEW.state);
            ELSIF TG_OP = 'DELETE' THEN
                INSERT INTO drill.step (job, was, epoch, token)
                VALUES (OLD.id, OLD.state, OLD.lease_epoch, OLD.lease_number);
            ELSE
                INSERT INTO drill.step (job, was, state, epoch, token)
                VALUES (NEW.id, OLD.state, NEW.state, NEW.lease_epoch, NEW.lease_number);
            END IF;
            RETURN NULL;
        END
        $body$;
        CREATE TRIGGER drill_step AFTER INSERT OR UPDATE OR DELETE ON queue.job_ready
            FOR EACH ROW EXECUTE FUNCTION drill.note_step();
        CREATE TRIGGER drill_step AFTER INSERT OR UPDATE OR DELETE ON queue.job_deferred
            FOR EACH ROW EXECUTE FUNCTION drill.note_step();
        """
    static let steps = Statement(
        name: "drill_steps",
        """
        SELECT job, was, state, epoch, token, transaction::text::bigint FROM drill.step ORDER BY job, number
        """)
    /// Effects that were committed by another transaction than the one that ended their job.
    static let apart = Statement(
        name: "drill_apart",
        """
        SELECT count(*) FROM drill.effect AS e WHERE NOT EXISTS (
            SELECT 1 FROM queue.job_history AS h JOIN drill.step AS s ON s.job = h.id
            WHERE (h.args ->> 'number')::bigint = e.number AND s.was = 'running' AND s.state IS NULL
                AND s.transaction::text::bigint & 4294967295 = e.xmin::text::bigint)
        """)

    /// Every job's steps, looked at: what is wrong, with the number of the job, and how many jobs and steps there were.
    static func check(
        _ connection: PostgresConnection
    ) async throws -> (wrongs: [String], jobs: Int, steps: Int) {
        var wrongs: [String] = []
        var jobs = 0
        var job: Int64?
        var steps: [Step] = []
        func end() {
            guard let job else { return }
            jobs += 1
            if let wrong = Self.wrong(steps) { wrongs.append("job \(job): \(wrong)") }
        }
        let rows = try await connection.execute(Self.steps)
        for row in rows {
            let (id, was, state, epoch, token, transaction) = try row.decode(
                (Int64, String?, String?, Int32?, Int64?, Int64).self)
            if id != job {
                end()
                (job, steps) = (id, [])
            }
            let lease = epoch.flatMap { epoch in token.map { Token(epoch: epoch, number: $0) } }
            steps.append(Step(was: was, state: state, token: lease, transaction: transaction))
        }
        end()
        let apart = try #require(try await connection.execute(Self.apart).first).decode(Int64.self)
        if apart > 0 { wrongs.append("\(apart) effects apart from the end of their job") }
        return (wrongs, jobs, rows.count)
    }
}

/// The check sees what it is there for.
@Suite struct JobLifeTests {
    private typealias Step = JobLife.Step

    private static func token(_ number: Int64, epoch: Int32 = 1) -> JobLife.Token {
        .init(epoch: epoch, number: number)
    }
    private static let made = Step(was: nil, state: "available", token: nil, transaction: 1)
    private static func leased(_ number: Int64, epoch: Int32 = 1) -> Step {
        Step(was: "available", state: "running", token: self.token(number, epoch: epoch), transaction: 2)
    }
    private static let back = Step(was: "running", state: "available", token: nil, transaction: 3)
    private static func ended(_ number: Int64) -> Step {
        Step(was: "running", state: nil, token: self.token(number), transaction: 4)
    }

    @Test func whatMayBeIsNotWrong() {
        #expect(JobLife.wrong([Self.made, Self.leased(1), Self.ended(1)]) == nil)
        #expect(JobLife.wrong([Self.made, Self.leased(1), Self.back, Self.leased(2), Self.ended(2)]) == nil)
        #expect(JobLife.wrong([Self.made, Self.leased(5), Self.back, Self.leased(1, epoch: 2)]) == nil)
        // Put off: it moves to the other partition.
        let moved = [
            Step(was: "running", state: nil, token: Self.token(1), transaction: 3),
            Step(was: nil, state: "scheduled", token: nil, transaction: 3),
            Step(was: "scheduled", state: nil, token: nil, transaction: 5),
            Step(was: nil, state: "available", token: nil, transaction: 5),
        ]
        #expect(JobLife.wrong([Self.made, Self.leased(1)] + moved + [Self.leased(2), Self.ended(2)]) == nil)
    }

    @Test func everyWrongIsSeen() {
        let wrongs: [(String, [Step])] = [
            (
                "leased while it did not wait",
                [
                    Step(was: nil, state: "scheduled", token: nil, transaction: 1),
                    Step(was: "scheduled", state: "running", token: Self.token(1), transaction: 2),
                ]
            ),
            ("a token that has not grown", [Self.made, Self.leased(2), Self.back, Self.leased(2)]),
            (
                "another token in the middle of a lease",
                [
                    Self.made, Self.leased(1),
                    Step(was: "running", state: "running", token: Self.token(2), transaction: 3),
                ]
            ),
            ("ended under another token", [Self.made, Self.leased(1), Self.ended(2)]),
            (
                "lives after its end",
                [
                    Self.made, Self.leased(1), Self.ended(1),
                    Step(was: nil, state: "available", token: nil, transaction: 9),
                ]
            ),
            ("a step from where the job was not", [Self.made, Self.ended(1)]),
            ("made running", [Step(was: nil, state: "running", token: Self.token(1), transaction: 1)]),
        ]
        for (wrong, steps) in wrongs { #expect(JobLife.wrong(steps) == wrong) }
    }
}
