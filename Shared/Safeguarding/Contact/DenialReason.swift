/// Why nothing is sent. Each means that somebody of her station has to act instead (S1); the raw value is what is stored.
public enum DenialReason: String, Sendable, Hashable, CaseIterable, Error {
    /// She has no rule, so no channel is known to be safe.
    case noRule = "no_rule"
    /// She said never.
    case never
    /// She asked for contact to stop (S10).
    case stopped
    /// The rule is too old and has to be confirmed again (S4).
    case expired
    /// The rule says that it was confirmed in the future.
    case unconfirmed
    /// She has said something else since.
    case replacedRule = "replaced_rule"
    /// The rule's days or minutes make no window.
    case malformedRule = "malformed_rule"
    /// The rule's tag is wrong: it was changed, or is about somebody else.
    case refusedRule = "refused_rule"
    /// No part of her windows is long enough to send in.
    case noWindow = "no_window"
    /// Her rules allow only channels that nothing here sends on.
    case channelUnavailable = "channel_unavailable"
    /// There is no usable number or address for the channel she allows.
    case noSafeAddress = "no_safe_address"
    /// The number or address is also the respondent's (S9).
    case respondentContact = "respondent_contact"
    /// It is also that of somebody else on the case, who may read it.
    case sharedContact = "shared_contact"
    /// It is also that of a guardian who is suspected (S28).
    case guardianContact = "guardian_contact"
    /// Only the help-seeker is written to: not a respondent, a guardian or somebody who reported (S11).
    case notTheHelpSeeker = "not_the_help_seeker"
    /// There is no such template, or not for this channel.
    case unknownTemplate = "unknown_template"
    /// The text would say what must not be said (S5).
    case deniedText = "denied_text"
    /// What the provider shows as the sender would say it (S7).
    case senderNotNeutral = "sender_not_neutral"
    /// The station does not want notices of this kind.
    case muted
    /// What it would say was said by another message.
    case nothingToSay = "nothing_to_say"
    /// Something that is needed to decide could not be read.
    case unreadableData = "unreadable_data"
}
