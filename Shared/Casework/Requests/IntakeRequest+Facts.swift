public import FoundationEssentials

extension IntakeRequest {
    /// The facts the router sees of this request: everything that identifies somebody is left behind.
    public func facts(divisions: DivisionTree, now: Date) -> CaseFacts {
        let path = divisions.path(of: self.division)
        var facts = CaseFacts(
            channel: self.channel, division: self.division, divisionPath: path.isEmpty ? nil : path,
            categories: Set(self.categories), needs: Set(self.needs), risk: self.riskLevel, riskItems: self.risk.items,
            flags: self.flags(on: LocalDate(inBeijing: now)), consents: self.consents)
        facts.people = self.personFacts(on: LocalDate(inBeijing: now))
        facts.minorSigns = Set(self.circumstances.minorSigns)
        facts.places = self.circumstances.places
        facts.deadlines = self.circumstances.deadlines
        facts.handlingOrgan = self.circumstances.handlingOrgan ?? .none
        return facts
    }

    /// What intake was told of the people, and what their age says.
    private func personFacts(on today: LocalDate) -> Set<PersonFact> {
        var facts = Set(self.circumstances.people)
        let seekers = self.people.filter { $0.role == .helpSeeker }
        // Sixty by the law that protects the elderly.
        if seekers.contains(where: { $0.birthDate.map { $0.age(on: today) >= 60 } == true }) { facts.insert(.elderly) }
        // A guardian agrees for her: PIPL art. 31.
        if seekers.contains(where: { $0.birthDate.map { $0.age(on: today) < 14 } == true }) {
            facts.insert(.seekerUnder14)
        }
        for child in self.people where child.role == .child {
            guard let age = child.birthDate?.age(on: today), age < 18 else { continue }
            facts.insert(.minorChildren)
            if age < 14 { facts.insert(.childUnder14) }
        }
        if self.categories.contains(.disability) { facts.insert(.disabled) }
        return facts
    }

    /// The flags a case opens with. When in doubt a flag stands: each only ever adds protection.
    public func flags(on today: LocalDate) -> Set<CaseFlag> {
        var flags: Set<CaseFlag> = []
        let harmed = self.people.filter { $0.role == .helpSeeker || $0.role == .child }
        let childIsHarmed = self.categories.contains(.minorHarm) || self.risk.items.contains(.childHarmed)
        let seekerIsMinor = self.people.contains { person in
            person.role == .helpSeeker && person.birthDate.map { $0.age(on: today) < 18 } == true
        }
        flags.formUnion(self.circumstances.flags)
        if childIsHarmed || seekerIsMinor || !self.circumstances.minorSigns.isEmpty {
            flags.insert(.minor)
        }
        if self.people.contains(where: { $0.role == .helpSeeker && $0.capacity != .full }) {
            flags.insert(.limitedCapacity)
        }
        let guardianSuspected = harmed.contains(where: \.guardianSuspected)
        if guardianSuspected {
            flags.insert(.guardianSuspected)
        }
        // Harm by one's own guardian is violence at home, whatever the category says.
        if self.categories.contains(.domesticViolence) || self.needs.contains(.protectionOrder)
            || (childIsHarmed && guardianSuspected)
        {
            flags.insert(.domesticViolence)
        }
        let seekers = self.people.filter { $0.role == .helpSeeker }
        if seekers.allSatisfy({ $0.name == nil && $0.phone == nil && $0.email == nil }) {
            flags.insert(.anonymous)
        }
        if self.people.contains(where: { $0.role == .reporter }) {
            flags.insert(.thirdParty)
        }
        if self.consents.contains(where: { $0.purpose.isMediation && $0.status != .granted }) {
            flags.insert(.mediationRefused)
        }
        return flags
    }
}
