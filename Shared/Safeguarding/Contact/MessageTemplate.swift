/// The words of one message to a help-seeker. They are fixed: no name, number or fact can get into them, and what she
/// wants to know she asks for herself, after the code word (S6).
public struct MessageTemplate: Sendable, Hashable {
    /// The name under which routing asks for it.
    public let id: String
    /// The subject, for channels that have one.
    public let subject: String
    /// The text.
    public let text: String

    public init(id: String, subject: String, text: String) {
        self.id = id
        self.subject = subject
        self.text = text
    }

    /// What she asked for was taken down.
    public static let requestReceived = MessageTemplate(
        id: "request_received", subject: "您好", text: "您好，您登记的事项已经收到，我们会在您方便的时间与您联系。")
    /// Somebody wants to talk to her.
    public static let pleaseCallBack = MessageTemplate(
        id: "please_call_back", subject: "请回电", text: "您好，方便的时候请给我们回个电话。如果现在不方便，不用理会这条消息。")
    /// Something moved.
    public static let newsForYou = MessageTemplate(
        id: "news_for_you", subject: "您好", text: "您好，您登记的事项有了进展，方便的时候请与我们联系。")
    /// An appointment is near.
    public static let appointment = MessageTemplate(
        id: "appointment", subject: "预约提醒", text: "您好，您预约的时间快到了。如需改期，请与我们联系。")
    /// How is she, some time later.
    public static let followUp = MessageTemplate(
        id: "follow_up", subject: "您好", text: "您好，想了解一下您最近的情况，方便的时候请与我们联系。")
}
