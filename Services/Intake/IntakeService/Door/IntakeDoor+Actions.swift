import Hummingbird
import Safeguarding
import ServiceKit

/// What staff record on cases.
extension IntakeDoor {
    static func addActions(
        _ actions: CaseActions, clocks: FirstResponseClocks, cipher: FieldCipher, index: BlindIndex,
        to router: Router<BasicEdgeContext>
    ) {
        self.addConsentRoutes(ConsentActions(actions: actions), to: router)
        self.addOverrideRoute(ConsentActions(actions: actions), to: router)
        self.addClosingRoutes(ClosingActions(actions: actions, clocks: clocks), to: router)
        self.addRiskRoutes(RiskActions(actions: actions, cipher: cipher), to: router)
        self.addJointRoutes(JointActions(actions: actions, cipher: cipher), to: router)
        self.addRetentionRoute(RetentionActions(actions: actions), to: router)
        self.addPeopleRoutes(PeopleActions(actions: actions, cipher: cipher, index: index), to: router)
    }

    static func addConsentRoutes(_ consents: ConsentActions, to router: Router<BasicEdgeContext>) {
        router.get("/v1/cases/{number}/consents") { request, context in
            try await consents.list(request, number: context.parameters.get("number"), context)
        }
        router.post("/v1/cases/{number}/consents") { request, context in
            try await consents.record(request, number: context.parameters.get("number"), context)
        }
        router.post("/v1/cases/{number}/consent-withdrawals") { request, context in
            try await consents.withdraw(request, number: context.parameters.get("number"), context)
        }
    }

    static func addOverrideRoute(_ consents: ConsentActions, to router: Router<BasicEdgeContext>) {
        router.post("/v1/cases/{number}/overrides") { request, context in
            try await consents.override(request, number: context.parameters.get("number"), context)
        }
    }

    static func addRetentionRoute(_ retention: RetentionActions, to router: Router<BasicEdgeContext>) {
        router.post("/v1/cases/{number}/legal-holds") { request, context in
            try await retention.hold(request, number: context.parameters.get("number"), context)
        }
    }

    static func addClosingRoutes(_ closing: ClosingActions, to router: Router<BasicEdgeContext>) {
        router.post("/v1/cases/{number}/call-backs") { request, context in
            try await closing.callBack(request, number: context.parameters.get("number"), context)
        }
        router.post("/v1/cases/{number}/closing") { request, context in
            try await closing.close(request, number: context.parameters.get("number"), context)
        }
        router.post("/v1/cases/{number}/referrals/{referral}/status") { request, context in
            try await closing.changeReferral(
                request, number: context.parameters.get("number"), referral: context.parameters.get("referral"),
                context)
        }
        router.post("/v1/cases/{number}/milestones") { request, context in
            try await closing.milestone(request, number: context.parameters.get("number"), context)
        }
        router.post("/v1/cases/{number}/decisions") { request, context in
            try await closing.decide(request, number: context.parameters.get("number"), context)
        }
    }

    static func addRiskRoutes(_ risk: RiskActions, to router: Router<BasicEdgeContext>) {
        router.post("/v1/cases/{number}/assessments") { request, context in
            try await risk.assess(request, number: context.parameters.get("number"), context)
        }
        router.post("/v1/cases/{number}/risk-lowering") { request, context in
            try await risk.propose(request, number: context.parameters.get("number"), context)
        }
        router.post("/v1/cases/{number}/risk-lowering/confirmation") { request, context in
            try await risk.confirm(request, number: context.parameters.get("number"), context)
        }
        router.post("/v1/cases/{number}/triage-reading") { request, context in
            try await risk.read(request, number: context.parameters.get("number"), context)
        }
        router.post("/v1/cases/{number}/triage-answers") { request, context in
            try await risk.answer(request, number: context.parameters.get("number"), context)
        }
    }

    static func addJointRoutes(_ joint: JointActions, to router: Router<BasicEdgeContext>) {
        router.get("/v1/cases/{number}/board") { request, context in
            try await joint.board(request, number: context.parameters.get("number"), context)
        }
        router.post("/v1/cases/{number}/parties") { request, context in
            try await joint.party(request, number: context.parameters.get("number"), context, leaves: false)
        }
        router.post("/v1/cases/{number}/parties/leaving") { request, context in
            try await joint.party(request, number: context.parameters.get("number"), context, leaves: true)
        }
        router.post("/v1/cases/{number}/tasks") { request, context in
            try await joint.give(request, number: context.parameters.get("number"), context)
        }
        router.post("/v1/cases/{number}/tasks/ending") { request, context in
            try await joint.end(request, number: context.parameters.get("number"), context)
        }
        router.post("/v1/cases/{number}/conferences") { request, context in
            try await joint.hold(request, number: context.parameters.get("number"), context)
        }
        router.post("/v1/cases/{number}/minutes-reading") { request, context in
            try await joint.minutes(request, number: context.parameters.get("number"), context)
        }
        router.post("/v1/cases/{number}/assignments") { request, context in
            try await joint.assign(request, number: context.parameters.get("number"), context)
        }
    }

    static func addPeopleRoutes(_ people: PeopleActions, to router: Router<BasicEdgeContext>) {
        router.post("/v1/cases/{number}/people-reading") { request, context in
            try await people.read(request, number: context.parameters.get("number"), context)
        }
        router.post("/v1/cases/{number}/access") { request, context in
            try await people.openAccess(request, number: context.parameters.get("number"), context)
        }
        router.post("/v1/cases/{number}/matches-reading") { request, context in
            try await people.matches(request, number: context.parameters.get("number"), context)
        }
        router.post("/v1/cases/{number}/links") { request, context in
            try await people.link(request, number: context.parameters.get("number"), context)
        }
        router.post("/v1/staff/relations") { request, context in
            try await people.relate(request, context)
        }
    }
}
