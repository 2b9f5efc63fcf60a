// SPDX-License-Identifier: Apache-2.0

/// A FIFO queue of requests with a limit per server and a total limit.
struct RequestQueue<Element> {
    private let perServer: Int
    private let total: Int
    private var waiting: [(element: Element, server: String)] = []
    private var active: [String: Int] = [:]
    private var activeTotal = 0

    init(perServer: Int, total: Int) {
        self.perServer = perServer
        self.total = total
    }

    /// The waiting elements, in order.
    var elements: [Element] { waiting.map(\.element) }

    mutating func add(_ element: Element, server: String) {
        waiting.append((element, server))
    }

    /// Removes and returns the first element within the limits.
    mutating func next() -> Element? {
        guard activeTotal < total else { return nil }
        let index = waiting.firstIndex { active[$0.server, default: 0] < perServer }
        guard let index else { return nil }
        let (element, server) = waiting.remove(at: index)
        active[server, default: 0] += 1
        activeTotal += 1
        return element
    }

    /// Records that a started element has ended.
    mutating func end(server: String) {
        let rest = (active[server] ?? 0) - 1
        active[server] = rest > 0 ? rest : nil
        activeTotal -= 1
    }

    /// Removes and returns all waiting elements that match.
    mutating func remove(where isMeant: (Element) -> Bool) -> [Element] {
        let meant = waiting.filter { isMeant($0.element) }.map(\.element)
        if !meant.isEmpty { waiting.removeAll { isMeant($0.element) } }
        return meant
    }
}
