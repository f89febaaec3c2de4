public import FoundationEssentials

extension IntakeRequest {
    /// The most a narrative may hold, in characters.
    public static let narrativeLimit = 20_000
    /// The most people a request may name.
    public static let peopleLimit = 50

    /// Reads a request strictly. Throws with every wrong field at once, each with its place, a code, and what to do.
    ///
    /// - Parameters:
    ///   - body: JSON in UTF-8.
    ///   - divisions: the divisions there are.
    ///   - now: decides which dates lie in the future and which consents have run out.
    public static func parse(
        _ body: Data, divisions: DivisionTree, now: Date
    ) throws(IntakeRejection) -> IntakeRequest {
        try Self.parse(try IntakeDocument(Array(body)), divisions: divisions, now: now)
    }

    /// The same of a body that was read before.
    public static func parse(
        _ document: IntakeDocument, divisions: DivisionTree, now: Date
    ) throws(IntakeRejection) -> IntakeRequest {
        var problems: [FieldProblem] = []
        let request = RequestReader(divisions: divisions, now: now).request(document.value, &problems)
        guard problems.isEmpty, let request else {
            throw IntakeRejection(problems: problems)
        }
        return request
    }

    /// What is wrong with a request that was made in code; empty when nothing is. The same checks as
    /// ``parse(_:divisions:now:)``.
    public func validate(now: Date, divisions: DivisionTree) -> [FieldProblem] {
        do {
            _ = try Self.parse(try self.json(), divisions: divisions, now: now)
            return []
        } catch let rejection as IntakeRejection {
            return rejection.problems
        } catch {
            return [FieldProblem(field: "", code: .malformed, message: "the request cannot be written as JSON")]
        }
    }
}

/// Reads the parts of a request.
private struct RequestReader {
    let divisions: DivisionTree
    let now: Date

    private static let requestFields: Set = [
        "channel", "division", "categories", "needs", "narrative", "risk", "people", "consents", "safe_contact",
        "reporter_may_be_contacted", "circumstances",
    ]
    private static let riskFields = Set(RiskItem.allCases.map(\.rawValue))
    private static let personFields: Set = [
        "role", "name", "phone", "email", "birth_date", "sex", "capacity", "guardian_suspected",
    ]
    private static let consentFields: Set = [
        "agency_kinds", "agencies", "purpose", "granted", "given_by", "data_kinds", "expires_at",
    ]
    private static let contactFields: Set = [
        "person", "channel", "days", "from", "to", "code_word", "never_mention",
    ]

    private var today: LocalDate { LocalDate(inBeijing: self.now) }

    func request(_ value: JSONValue, _ problems: inout [FieldProblem]) -> IntakeRequest? {
        guard let reader = FieldReader(value, path: "", fields: Self.requestFields, &problems) else { return nil }
        for name in ["channel", "division", "categories", "people"] {
            reader.require(name, &problems)
        }
        let channel = reader.word("channel", as: IntakeChannel.self, &problems)
        let division = self.division(reader, &problems)
        let categories = reader.codes("categories", known: Category.known, limit: 10, &problems)
        if case .array(let items)? = reader["categories"], items.isEmpty {
            reader.report("categories", .empty, "must name at least one category", &problems)
        }
        let needs = reader.codes("needs", known: Need.known, limit: 20, &problems)
        let narrative = reader.text("narrative", limit: IntakeRequest.narrativeLimit, &problems)
        let risk = self.risk(reader, &problems)
        let people = self.people(reader, &problems)
        let (consents, agencies) = self.consents(reader, &problems)
        let contacts = self.safeContacts(reader, people: people, &problems)
        let mayBeContacted = reader.flag("reporter_may_be_contacted", &problems)
        let circumstances = reader["circumstances"].map {
            Circumstances($0, path: reader.pointer("circumstances"), divisions: self.divisions, &problems)
        }
        guard let channel, let division else { return nil }
        var request = IntakeRequest(
            channel: channel, division: division, categories: categories, needs: needs, narrative: narrative,
            risk: risk, people: people, consents: consents, safeContacts: contacts,
            reporterMayBeContacted: mayBeContacted)
        request.circumstances = circumstances ?? Circumstances()
        request.consentAgencies = agencies
        return request
    }

    private func division(_ reader: FieldReader, _ problems: inout [FieldProblem]) -> DivisionCode? {
        guard let text = reader.text("division", limit: 12, &problems) else { return nil }
        guard let code = DivisionCode(text) else {
            reader.report("division", .malformed, "must be a division code of 6, 9 or 12 digits", &problems)
            return nil
        }
        guard self.divisions.contains(code) else {
            reader.report("division", .unknownDivision, "is not a division of this network", &problems)
            return nil
        }
        return code
    }

    private func risk(_ reader: FieldReader, _ problems: inout [FieldProblem]) -> RiskScreening {
        guard let value = reader["risk"] else { return RiskScreening() }
        guard let answers = FieldReader(value, path: reader.pointer("risk"), fields: Self.riskFields, &problems) else {
            return RiskScreening()
        }
        return RiskScreening(Set(RiskItem.allCases.filter { answers.flag($0.rawValue, &problems) == true }))
    }

    private func people(_ reader: FieldReader, _ problems: inout [FieldProblem]) -> [RequestPerson] {
        guard let items = reader.items("people", limit: IntakeRequest.peopleLimit, &problems) else { return [] }
        var people: [RequestPerson] = []
        for (index, item) in items.enumerated() {
            // A placeholder keeps the positions that safe_contact refers to.
            people.append(
                self.person(item, path: "/people/\(index)", &problems) ?? RequestPerson(role: .witness))
        }
        let named = people.contains { $0.role == .helpSeeker }
        if !named, !problems.contains(where: { $0.field.hasPrefix("/people") }) {
            reader.report("people", .missing, "must name a help_seeker, with or without a name", &problems)
        }
        return people
    }

    private func person(_ value: JSONValue, path: String, _ problems: inout [FieldProblem]) -> RequestPerson? {
        guard let reader = FieldReader(value, path: path, fields: Self.personFields, &problems) else { return nil }
        reader.require("role", &problems)
        let role = reader.word("role", as: PersonRole.self, &problems)
        var person = RequestPerson(role: role ?? .witness)
        person.name = reader.text("name", limit: 100, &problems)
        person.phone = self.phone(reader, &problems)
        person.email = self.email(reader, &problems)
        person.birthDate = self.birthDate(reader, &problems)
        person.sex = reader.word("sex", as: Sex.self, &problems)
        person.capacity = reader.word("capacity", as: LegalCapacity.self, &problems) ?? .full
        person.guardianSuspected = reader.flag("guardian_suspected", &problems) ?? false
        return role == nil ? nil : person
    }

    private static let phoneBytes = Array("0123456789+- ()".utf8)

    private func phone(_ reader: FieldReader, _ problems: inout [FieldProblem]) -> String? {
        guard let text = reader.text("phone", limit: 32, &problems) else { return nil }
        let digits = text.utf8.filter { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
        let allowed = text.utf8.allSatisfy { Self.phoneBytes.contains($0) }
        guard allowed, (3...15).contains(digits) else {
            reader.report("phone", .malformed, "must be a telephone number of 3 to 15 digits", &problems)
            return nil
        }
        return text
    }

    private func email(_ reader: FieldReader, _ problems: inout [FieldProblem]) -> String? {
        guard let text = reader.text("email", limit: 254, &problems) else { return nil }
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        let isClean = text.unicodeScalars.allSatisfy { $0.value > 0x20 && !"<>()[],;:\\\"".unicodeScalars.contains($0) }
        guard isClean, parts.count == 2, !parts[0].isEmpty, parts[1].contains("."), !parts[1].hasPrefix("."),
            !parts[1].hasSuffix(".")
        else {
            reader.report("email", .malformed, "must be an address like name@example.org", &problems)
            return nil
        }
        return text
    }

    private func birthDate(_ reader: FieldReader, _ problems: inout [FieldProblem]) -> LocalDate? {
        guard let text = reader.text("birth_date", limit: 20, &problems) else { return nil }
        guard let date = LocalDate(text) else {
            reader.report("birth_date", .impossibleDate, "must be a day that exists, as YYYY-MM-DD", &problems)
            return nil
        }
        guard date <= self.today, date.age(on: self.today) <= 130 else {
            reader.report("birth_date", .outOfRange, "must lie in the past 130 years", &problems)
            return nil
        }
        return date
    }

    /// The consents, and the agencies some of them name, by the consent's position.
    private func consents(
        _ reader: FieldReader, _ problems: inout [FieldProblem]
    ) -> ([Consent], [Int: [String]]) {
        var consents: [Consent] = []
        var agencies: [Int: [String]] = [:]
        for (index, item) in (reader.items("consents", limit: 100, &problems) ?? []).enumerated() {
            let path = "/consents/\(index)"
            guard let entry = FieldReader(item, path: path, fields: Self.consentFields, &problems) else { continue }
            for name in ["agency_kinds", "purpose", "granted"] {
                entry.require(name, &problems)
            }
            let codes = entry.agencyCodes(&problems)
            guard let consent = entry.consent(now: self.now, &problems) else { continue }
            if !codes.isEmpty { agencies[consents.count] = codes }
            consents.append(consent)
        }
        return (consents, agencies)
    }

    private func safeContacts(
        _ reader: FieldReader, people: [RequestPerson], _ problems: inout [FieldProblem]
    ) -> [RequestSafeContact] {
        let items = reader.items("safe_contact", limit: 100, &problems) ?? []
        return items.enumerated().compactMap { index, item in
            let path = "/safe_contact/\(index)"
            guard let entry = FieldReader(item, path: path, fields: Self.contactFields, &problems) else { return nil }
            entry.require("person", &problems)
            entry.require("channel", &problems)
            let person = entry.number("person", &problems)
            if let person, !people.indices.contains(person) {
                entry.report("person", .outOfRange, "must be the position of one of people, from 0", &problems)
            }
            guard let channel = entry.word("channel", as: ContactChannel.self, &problems), let person else {
                return nil
            }
            var contact = RequestSafeContact(person: person, channel: channel)
            contact.days = self.days(entry, &problems)
            contact.from = self.time(entry, "from", &problems)
            contact.to = self.time(entry, "to", &problems)
            contact.codeWord = entry.text("code_word", limit: 64, &problems)
            contact.neverMention = entry.flag("never_mention", &problems) ?? true
            self.check(contact, entry, person: people.indices.contains(person) ? people[person] : nil, &problems)
            return contact
        }
    }

    /// A window needs days and both ends, and the person the means to be reached.
    private func check(
        _ contact: RequestSafeContact, _ entry: FieldReader, person: RequestPerson?, _ problems: inout [FieldProblem]
    ) {
        guard contact.channel != .none else { return }
        for name in ["days", "from", "to"] {
            entry.require(name, &problems)
        }
        if case .array(let days)? = entry["days"], days.isEmpty {
            entry.report("days", .empty, "must name at least one day", &problems)
        }
        if let from = contact.from, from == contact.to {
            entry.report("to", .inconsistent, "must differ from the beginning of the window", &problems)
        }
        guard let person else { return }
        switch contact.channel {
        case .email where person.email == nil:
            entry.report("channel", .inconsistent, "the person has no email", &problems)
        case .sms where person.phone == nil, .phone where person.phone == nil:
            entry.report("channel", .inconsistent, "the person has no phone", &problems)
        case .email, .sms, .phone, .none:
            break
        }
    }

    private func days(_ entry: FieldReader, _ problems: inout [FieldProblem]) -> Set<Int> {
        var days: Set<Int> = []
        for (index, item) in (entry.items("days", limit: 7, &problems) ?? []).enumerated() {
            guard case .number(let number) = item, let day = Int(exactly: number), (1...7).contains(day) else {
                entry.report("days/\(index)", .outOfRange, "must be 1 (Monday) to 7 (Sunday)", &problems)
                continue
            }
            if !days.insert(day).inserted {
                entry.report("days/\(index)", .duplicate, "is listed twice", &problems)
            }
        }
        return days
    }

    private func time(_ entry: FieldReader, _ name: String, _ problems: inout [FieldProblem]) -> LocalTime? {
        guard let text = entry.text(name, limit: 10, &problems) else { return nil }
        guard let time = LocalTime(text) else {
            entry.report(name, .impossibleTime, "must be a time as HH:MM", &problems)
            return nil
        }
        return time
    }
}
