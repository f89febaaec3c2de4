/// The way a request for help came in.
public enum IntakeChannel: String, Sendable, Codable, CaseIterable {
    /// 12338 热线
    case hotline
    /// 来访接待
    case walkIn = "walk_in"
    /// 线上
    case online
    /// 网格员（维权信息员）
    case gridWorker = "grid_worker"
    /// 排查走访
    case screening
    /// 协作部门转来
    case partner
    /// 历史数据导入
    case `import`
}
