public import JobTypes

/// Every kind of job the services exchange, and the services that work them.
public enum JobKinds {
    public static let all: [JobKind] = [
        CaseOpened.kind, ReferralOffered.kind, ReferralAnswered.kind, ClockDue.kind, NotifyStaff.kind,
        NotifyPerson.kind, WebhookDelivery.kind, CaseChanged.kind, SealAgain.kind,
    ]
}
