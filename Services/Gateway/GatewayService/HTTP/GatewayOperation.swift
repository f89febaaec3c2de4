import CaseworkStore
import Hummingbird
import HTTPTypes

/// Every call an agency can make. The router and the OpenAPI document are both made from this list.
enum GatewayOperation: String, CaseIterable, Sendable {
    case lease
    case extendLease
    case acceptHandOver
    case rejectHandOver
    case objectToHandOver
    case handBack
    case listReferrals
    case readReferral
    case reportProgress
    case reportOutcome
    case listTasks
    case finishTask
    case countAtDesk
    case leaseToDesk
    case readAtDesk
    case answerAtDesk
    case reportAtDesk
    case viewAtDesk
    case readNetworkKey
    case readOpenAPI

    var method: HTTPRequest.Method {
        switch self {
        case .lease, .extendLease, .acceptHandOver, .rejectHandOver, .objectToHandOver, .handBack, .reportProgress,
            .reportOutcome, .finishTask, .leaseToDesk, .readAtDesk, .answerAtDesk, .reportAtDesk:
            .post
        case .listReferrals, .readReferral, .listTasks, .countAtDesk, .viewAtDesk, .readNetworkKey, .readOpenAPI: .get
        }
    }

    /// With path parameters in braces, as both the router and OpenAPI write them.
    var path: String {
        switch self {
        case .lease: "/v1/leases"
        case .extendLease: "/v1/leases/{lease}/extend"
        case .acceptHandOver: "/v1/leases/{lease}/accept"
        case .rejectHandOver: "/v1/leases/{lease}/reject"
        case .objectToHandOver: "/v1/leases/{lease}/object"
        case .handBack: "/v1/leases/{lease}/hand-back"
        case .listReferrals: "/v1/referrals"
        case .readReferral: "/v1/referrals/{number}"
        case .reportProgress: "/v1/referrals/{number}/progress"
        case .reportOutcome: "/v1/referrals/{number}/outcome"
        case .listTasks: "/v1/tasks"
        case .finishTask: "/v1/tasks/{task}/done"
        case .countAtDesk: "/v1/desk/counts"
        case .leaseToDesk: "/v1/desk/leases"
        case .readAtDesk: "/v1/desk/leases/{lease}/package"
        case .answerAtDesk: "/v1/desk/leases/{lease}/answer"
        case .reportAtDesk: "/v1/desk/referrals/{number}/report"
        case .viewAtDesk: "/v1/desk/referrals/{number}"
        case .readNetworkKey: "/v1/network-key"
        case .readOpenAPI: "/openapi.json"
        }
    }

    /// What the key has to be good for; `nil` for what needs none, or any.
    var scope: AgencyScope? {
        switch self {
        case .lease, .extendLease, .acceptHandOver, .rejectHandOver, .objectToHandOver, .handBack, .leaseToDesk,
            .readAtDesk,
            .answerAtDesk:
            .handOvers
        case .listReferrals, .readReferral, .listTasks, .countAtDesk, .viewAtDesk: .read
        case .reportProgress, .reportOutcome, .finishTask, .reportAtDesk: .reports
        case .readNetworkKey, .readOpenAPI: nil
        }
    }

    /// Whether an `Idempotency-Key` is heard. A lease has none: whose answer was lost comes again when it ends. Neither has a
    /// package: each reading is on the record.
    var takesIdempotencyKey: Bool { self.method == .post && ![.lease, .leaseToDesk, .readAtDesk].contains(self) }

    /// Everything but the document that describes the door.
    var needsKey: Bool { self != .readOpenAPI }
}
