// SPDX-License-Identifier: Apache-2.0

import Loops
import Synchronization

/// A TCP proxy for an HTTP/1.1 server on this machine that injects faults into chosen requests.
package struct FaultProxy: Sendable {
    /// A request as described by its first line.
    package struct Request: Sendable {
        package let method: String
        package let target: String
        /// The number of earlier requests with this method.
        package let number: Int
    }

    /// The requests so far, in order.
    package var requests: [Request] { seen.requests.withLock { $0 } }

    private final class Seen: Sendable {
        let requests = Mutex<[Request]>([])
        let exchanges = Mutex<[FaultyExchange]>([])
    }

    private let port: UInt16
    private let plan: @Sendable (Request) -> Fault?
    private let seen = Seen()

    /// Creates a proxy for a server such as `http://127.0.0.1:8000`; `plan` decides the fate of each request.
    package init(to server: String, plan: @escaping @Sendable (Request) -> Fault?) {
        port = server.split(separator: "/").last?.split(separator: ":").last.flatMap { UInt16($0) } ?? 80
        self.plan = plan
    }

    /// Runs a test with the address of the listening proxy.
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

    /// Records a request by the start of its head; returns nil when the bytes are not a request.
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
