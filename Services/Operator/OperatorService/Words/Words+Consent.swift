import Casework

extension ConsentStatus {
    var chinese: String {
        switch self {
        case .granted: "同意"
        case .refused: "不同意"
        case .withdrawn: "已撤回"
        }
    }
}

extension ConsentGiver {
    var chinese: String {
        switch self {
        case .herself: "本人"
        case .guardian: "监护人"
        case .otherGuardian: "其他监护人"
        case .civilAffairs: "民政部门"
        }
    }
}
