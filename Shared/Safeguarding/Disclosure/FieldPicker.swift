import Casework

/// Takes fields for a package as far as the profile allows, and remembers what it took and what it held back.
struct FieldPicker {
    let profile: DisclosureProfile
    let source: PackageSource
    private(set) var taken: Set<DisclosureField> = []
    private(set) var blackout: NarrativeBlackout

    init(profile: DisclosureProfile, source: PackageSource) {
        self.profile = profile
        self.source = source
        self.blackout = NarrativeBlackout()
        if let place = source.shelterLocation {
            self.blackout.add(words: place)
        }
    }

    mutating func take<Value>(_ field: DisclosureField, _ value: Value?) -> Value? {
        guard let value, self.profile.allows(field) else { return nil }
        self.taken.insert(field)
        return value
    }

    /// What may be said of a person; `nil` when that is nothing. What is held back is blacked out elsewhere.
    mutating func person(_ person: PackageSource.Person) -> PackageDocument.Person? {
        let role = person.role
        var document = PackageDocument.Person(role: role.rawValue)
        document.name = self.take(.person(role, .name), person.name)
        document.phone = self.take(.person(role, .phone), self.reachable(person, .phone) ? person.phone : nil)
        document.email = self.take(.person(role, .email), self.reachable(person, .email) ? person.email : nil)
        document.birthDate = self.take(.person(role, .birthDate), person.birthDate)
        document.sex = self.take(.person(role, .sex), person.sex)
        document.capacity = self.take(.person(role, .capacity), person.capacity)
        document.isMinor = self.take(.person(role, .isMinor), person.isMinor)
        document.contactRule = self.take(.person(role, .contactRule), person.contactRule.map(Self.rule))
        if document.name == nil, let name = person.name {
            self.blackout.add(words: name)
        }
        if document.phone == nil, let phone = person.phone {
            self.blackout.add(phone: phone)
        }
        if document.email == nil, let email = person.email {
            self.blackout.add(words: email)
        }
        let isAllowed = PersonAttribute.allCases.contains { self.profile.allows(.person(role, $0)) }
        return isAllowed ? document : nil
    }

    /// Whether this person's number or address may be handed on at all, apart from the profile's fields.
    private func reachable(_ person: PackageSource.Person, _ attribute: PersonAttribute) -> Bool {
        switch person.role {
        case .guardian:
            return !self.source.guardianIsSuspected
        case .respondent:
            return !(self.profile == .mediation && self.source.isDomesticViolence)
        case .helpSeeker, .child, .reporter, .witness:
            guard !self.profile.reachesRegardless else { return true }
            guard let rule = person.contactRule?.rule, rule.stoppedAt == nil else { return false }
            switch rule.channel {
            case .sms, .phone: return attribute == .phone
            case .email: return attribute == .email
            case .none: return false
            }
        }
    }

    /// The last look (S21): no field that leaves names the place where a person stays.
    func requireNoShelterLocation(in document: PackageDocument) throws(PackageError) {
        guard let place = self.source.shelterLocation, !place.isEmpty else { return }
        let texts: [(String, String?)] =
            [("narrative", document.narrative), ("legal_basis", document.legalBasis)]
            + document.people.flatMap { person in
                [
                    ("\(person.role).name", person.name), ("\(person.role).phone", person.phone),
                    ("\(person.role).email", person.email),
                ]
            }
        for (field, text) in texts where text?.contains(place) == true {
            throw .shelterLocation(field: field)
        }
    }

    private static func rule(_ verified: VerifiedSafeContact) -> PackageDocument.ContactRule {
        let rule = verified.rule
        return PackageDocument.ContactRule(
            channel: rule.channel.rawValue, days: rule.days, from: Self.time(rule.fromMinute),
            to: Self.time(rule.toMinute),
            neverMention: rule.neverMention)
    }

    private static func time(_ minute: Int) -> String {
        let (hours, minutes) = (minute / 60, minute % 60)
        return "\(hours < 10 ? "0" : "")\(hours):\(minutes < 10 ? "0" : "")\(minutes)"
    }
}
