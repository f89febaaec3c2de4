public import FoundationEssentials

extension IntakeRequest: Encodable {
    enum CodingKeys: String, CodingKey {
        case channel, division, categories, needs, narrative, risk, people, consents, circumstances
        case safeContact = "safe_contact"
        case reporterMayBeContacted = "reporter_may_be_contacted"
    }

    /// Writes the format ``parse(_:divisions:now:)`` reads.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(self.channel, forKey: .channel)
        try container.encode(self.division, forKey: .division)
        try container.encode(self.categories, forKey: .categories)
        try container.encode(self.needs, forKey: .needs)
        try container.encodeIfPresent(self.narrative, forKey: .narrative)
        let answers = Dictionary(uniqueKeysWithValues: self.risk.items.map { ($0.rawValue, true) })
        try container.encode(answers, forKey: .risk)
        try container.encode(self.people, forKey: .people)
        try container.encode(
            self.consents.enumerated().map { ConsentEntry(consent: $1, agencies: self.consentAgencies[$0]) },
            forKey: .consents)
        try container.encode(self.safeContacts, forKey: .safeContact)
        try container.encodeIfPresent(self.reporterMayBeContacted, forKey: .reporterMayBeContacted)
        if !self.circumstances.isEmpty { try container.encode(self.circumstances, forKey: .circumstances) }
    }

    /// A consent as a request writes it.
    private struct ConsentEntry: Encodable {
        let consent: Consent
        let agencies: [String]?

        enum CodingKeys: String, CodingKey {
            case purpose, granted, agencies
            case agencyKinds = "agency_kinds"
            case expiresAt = "expires_at"
            case givenBy = "given_by"
            case dataKinds = "data_kinds"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(self.consent.agencyKinds, forKey: .agencyKinds)
            try container.encodeIfPresent(self.agencies, forKey: .agencies)
            try container.encode(self.consent.purpose, forKey: .purpose)
            try container.encode(self.consent.status == .granted, forKey: .granted)
            try container.encodeIfPresent(self.consent.expiresAt?.formatted(.iso8601), forKey: .expiresAt)
            if self.consent.givenBy != .herself { try container.encode(self.consent.givenBy, forKey: .givenBy) }
            try container.encodeIfPresent(
                self.consent.dataKinds?.sorted { $0.rawValue < $1.rawValue }, forKey: .dataKinds)
        }
    }

    /// The request as JSON.
    public func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }
}

extension RequestPerson: Encodable {
    enum CodingKeys: String, CodingKey {
        case role, name, phone, email, sex, capacity
        case birthDate = "birth_date"
        case guardianSuspected = "guardian_suspected"
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(self.role, forKey: .role)
        try container.encodeIfPresent(self.name, forKey: .name)
        try container.encodeIfPresent(self.phone, forKey: .phone)
        try container.encodeIfPresent(self.email, forKey: .email)
        try container.encodeIfPresent(self.birthDate, forKey: .birthDate)
        try container.encodeIfPresent(self.sex, forKey: .sex)
        try container.encode(self.capacity, forKey: .capacity)
        try container.encode(self.guardianSuspected, forKey: .guardianSuspected)
    }
}

extension RequestSafeContact: Encodable {
    enum CodingKeys: String, CodingKey {
        case person, channel, days, from, to
        case codeWord = "code_word"
        case neverMention = "never_mention"
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(self.person, forKey: .person)
        try container.encode(self.channel, forKey: .channel)
        try container.encode(self.days.sorted(), forKey: .days)
        try container.encodeIfPresent(self.from, forKey: .from)
        try container.encodeIfPresent(self.to, forKey: .to)
        try container.encodeIfPresent(self.codeWord, forKey: .codeWord)
        try container.encode(self.neverMention, forKey: .neverMention)
    }
}
