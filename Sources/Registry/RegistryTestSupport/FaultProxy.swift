// SPDX-License-Identifier: Apache-2.0

import Loops
import Synchronization

/// A TCP proxy in front of a real server of HTTP/1.1 on this machine that does harm to chosen requests.
package struct FaultProxy: Sendable {
    /// A request as its first line has it.
    package struct Request: Sendable {
        package let method: String
        package let target: String
        /// How many requests of this method were seen before.
        package let number: Int
    }

    /// The requests that were seen so far, in order.
    package var requests: [Request] { seen.requests.withLock { $0 } }

    private final class Seen: Sendable {
        let requests = Mutex<[Request]>([])
        let exchanges = Mutex<[FaultyExchange]>([])
    }

    private let port: UInt16
    private let plan: @Sendable (Request) -> Fault?
    private let seen = Seen()

    /// Prepares a proxy for a server, such as `http://127.0.0.1:8000`; `plan` decides what happens to each request.
    package init(to server: String, plan: @escaping @Sendable (Request) -> Fault?) {
        port = server.split(separator: "/").last?.split(separator: ":").last.flatMap { UInt16($0) } ?? 80
        self.plan = plan
    }

    /// Runs a test while the proxy listens at the address that the test is given.
    package func run<Value: Sendable>(
        _ body: @escaping @Sendable (_ endpoint: String) async throws -> Value
    ) async throws -> Value {
        let listener = try LoopbackSocket.listening()
        Thread.start(named: "fault-proxy") {
            while let client = listener.accept() {
                guard let server = LoopbackSocket.connected(to: port) else { continue }
                let exchange = FaultyExchange(client, server) { note($0).flatMap(plan) }
                seen.exchanges.withLock { $0.append(exchange) }
                exchange.start()
            }
        }
        defer {
            listener.shutDown()
            for exchange in seen.exchanges.withLock({ $0 }) { exchange.end() }
        }
        return try await body("http://127.0.0.1:\(listener.port)")
    }

    /// Remembers a request by the beginning of its head; nil when it is none.
    private func note(_ head: [UInt8]) -> Request? {
        let line = String(decoding: head, as: UTF8.self).prefix { $0 != "\r\n" }.split(separator: " ")
        guard line.count == 3 else { return nil }
        return seen.requests.withLock { requests in
            let method = String(line[0])
            let number = requests.count { $0.method == method }
            let request = Request(method: method, target: String(line[1]), number: number)
            requests.append(request)
            return request
        }
    }
}
