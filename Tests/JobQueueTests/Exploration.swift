/// Looks at every state that can be reached.
enum Exploration {
    struct Found<State> {
        /// The first that was not safe; nil when all are.
        let unsafe: State?
        let states: Int
    }

    static func of<State: Hashable>(
        _ start: State, isSafe: (State) -> Bool, visit: (State) -> Void = { _ in }, next: (State) -> [State]
    ) -> Found<State> {
        var seen: Set<State> = [start]
        var open = [start]
        while let state = open.popLast() {
            visit(state)
            guard isSafe(state) else { return Found(unsafe: state, states: seen.count) }
            for next in next(state) where seen.insert(next).inserted { open.append(next) }
        }
        return Found(unsafe: nil, states: seen.count)
    }
}
