import FoundationEssentials

extension FieldReader {
    /// A consent from the fields `agency_kinds`, `purpose`, `granted`, `given_by`, `data_kinds` and `expires_at`; which are
    /// required is the caller's to say.
    func consent(now: Date, _ problems: inout [FieldProblem]) -> Consent? {
        let kinds: [AgencyKind] = self.codes("agency_kinds", known: [], limit: 20, &problems)
        if case .array(let kinds)? = self["agency_kinds"], kinds.isEmpty {
            self.report("agency_kinds", .empty, "must name at least one kind of agency", &problems)
        }
        let purpose = self.purpose(&problems)
        let granted = self.flag("granted", &problems)
        let expiresAt = self.expiry(now: now, granted: granted ?? false, &problems)
        guard let purpose, let granted else { return nil }
        var consent = Consent(
            agencyKinds: kinds, purpose: purpose, status: granted ? .granted : .refused, expiresAt: expiresAt)
        consent.givenBy = self.word("given_by", as: ConsentGiver.self, &problems) ?? .herself
        if self["data_kinds"] != nil {
            consent.dataKinds = Set(self.words("data_kinds", of: ConsentDataKind.allCases, &problems))
        }
        return consent
    }

    /// The agencies a consent means, by their codes under `agencies`; empty for any of the kinds.
    func agencyCodes(_ problems: inout [FieldProblem]) -> [String] {
        var codes: [String] = []
        for (index, item) in (self.items("agencies", limit: 50, &problems) ?? []).enumerated() {
            guard case .string(let code) = item, Agency.isWellFormed(code: code) else {
                self.report(
                    "agencies/\(index)", .malformed, "must be an agency's code of a-z, 0-9 and hyphens", &problems)
                continue
            }
            if codes.contains(code) {
                self.report("agencies/\(index)", .duplicate, "is listed twice", &problems)
            }
            codes.append(code)
        }
        if case .array(let items)? = self["agencies"], items.isEmpty {
            self.report("agencies", .empty, "must name an agency, or be left out", &problems)
        }
        return codes
    }

    /// A known purpose under `purpose`.
    func purpose(_ problems: inout [FieldProblem]) -> Purpose? {
        let purpose = self.text("purpose", limit: 64, &problems).map(Purpose.init(rawValue:))
        if let purpose, !Purpose.known.contains(purpose) {
            let known = Purpose.known.map(\.rawValue).joined(separator: ", ")
            self.report("purpose", .unknownValue, "must be one of \(known)", &problems)
        }
        return purpose
    }

    /// A time with its zone, or a day, which counts to its end in Beijing.
    private func expiry(now: Date, granted: Bool, _ problems: inout [FieldProblem]) -> Date? {
        guard let text = self.text("expires_at", limit: 40, &problems) else { return nil }
        let day = LocalDate(text)?.adding(days: 1).startInBeijing
        guard let instant = day ?? InstantText.read(text) else {
            self.report(
                "expires_at", .impossibleDate, "must be a day, or a time like 2026-12-31T18:00:00+08:00", &problems)
            return nil
        }
        if granted, instant <= now {
            self.report("expires_at", .outOfRange, "must lie in the future", &problems)
        }
        return instant
    }
}
