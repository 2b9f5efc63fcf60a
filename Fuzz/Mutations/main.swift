// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTPServer
import Loops
import Synchronization

/// Lets many conversations that were right once go wrong with a server, and looks at what is left of it.
///
///     Mutations http1|http2|tls count first-seed folder
///
/// The folder has `certificate.pem` and `key.pem`, and gets `seeds`, which tells of a crash what everybody was doing. One conversation
/// is had again with a count of 1 and its seed.
struct Mutations {
    enum Kind: String, Sendable { case http1, http2, tls }

    private static let workers = 6
    /// Live memory may differ by what pools and tables keep.
    private static let tolerance = 16 << 20

    let kind: Kind
    let count: Int
    let first: UInt64
    let folder: String

    func run() async throws {
        var configuration = Server.Configuration(addresses: [.tcp(host: "127.0.0.1", port: 0)])
        configuration.loops = 2
        configuration.limits.idle = .seconds(5)
        configuration.limits.uploadWindow = .seconds(5)
        if kind != .http1 {
            configuration.tls = try TLSIdentityFiles(
                certificate: folder + "/certificate.pem",
                key: folder + "/key.pem"
            )
        }
        let shutdown = Shutdown()
        let port = Port()
        let server = Server(configuration, handler: Site())
        async let end = server.run(until: shutdown) { addresses in
            if case .tcp(_, let number) = addresses[0] { port.number.store(number, ordering: .releasing) }
        }
        while port.number.load(ordering: .acquiring) == 0 { try await Task.sleep(for: .milliseconds(1)) }
        let client = Client(kind: kind, port: port.number.load(ordering: .acquiring), folder: folder)
        // The first ones fill pools and tables.
        try await converse(client, first..<first + UInt64(max(1, count / 8)))
        let descriptors = try await descriptorsAtRest()
        let memory = Self.liveMemory()
        try await converse(client, first..<first + UInt64(count))
        let left = try await descriptorsAtRest()
        let grown = Self.liveMemory() - memory
        guard left <= descriptors else {
            throw Complaint(text: "\(left) descriptors are open, \(descriptors) were before")
        }
        guard grown < Self.tolerance else { throw Complaint(text: "memory has grown by \(grown) bytes") }
        try client.checkThatItServes()
        shutdown.request()
        guard case .orderly = try await end else { throw Complaint(text: "the server did not end in order") }
        print("mutations: \(kind): \(count) conversations, \(grown / 1024) KiB more in use, \(left) descriptors")
    }

    private func converse(_ client: Client, _ seeds: Range<UInt64>) async throws {
        let work = Work(seeds, client)
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<Self.workers { group.addTask { await work.run(worker) } }
        }
        if let failure = work.failure.withLock({ $0 }) { throw failure }
    }

    /// How many descriptors are open once no connection ends any more.
    private func descriptorsAtRest() async throws -> Int {
        var (last, since) = (0, 0)
        while since < 10 {
            let count = Self.descriptors()
            since = count == last ? since + 1 : 0
            last = count
            try await Task.sleep(for: .milliseconds(100))
        }
        return last
    }

    private static func descriptors() -> Int {
        guard let folder = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        return count
    }

    /// How many bytes are allocated, which the sanitizer knows exactly; 0 without one.
    private static func liveMemory() -> Int {
        guard let function = dlsym(nil, "__sanitizer_get_current_allocated_bytes") else { return 0 }
        return unsafeBitCast(function, to: (@convention(c) () -> Int).self)()
    }
}

/// Where the server listens, once it does.
private final class Port: Sendable {
    let number = Atomic<Int>(0)
}

/// The conversations that are still to be had, until one is a failure.
private final class Work: Sendable {
    private let next: Atomic<UInt64>
    private let end: UInt64
    private let client: Client
    let failure = Mutex<Complaint?>(nil)

    init(_ seeds: Range<UInt64>, _ client: Client) {
        next = Atomic(seeds.lowerBound)
        end = seeds.upperBound
        self.client = client
    }

    /// Has conversations on a thread of its own, which may wait.
    func run(_ worker: Int) async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            Thread.start(named: "client-\(worker)") {
                self.haveConversations(worker)
                continuation.resume()
            }
        }
    }

    private func haveConversations(_ worker: Int) {
        while failure.withLock({ $0 == nil }) {
            let seed = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard seed < end else { return }
            do {
                try client.converse(seed: seed, worker: worker)
            } catch {
                let text = (error as? Complaint)?.text ?? "\(error)"
                failure.withLock { $0 = Complaint(text: "seed \(seed): \(text)") }
            }
        }
    }
}

let arguments = CommandLine.arguments
guard arguments.count == 5, let kind = Mutations.Kind(rawValue: arguments[1]), let count = Int(arguments[2]),
    let first = UInt64(arguments[3])
else {
    print("usage: Mutations http1|http2|tls count first-seed folder")
    exit(2)
}
do {
    try await Mutations(kind: kind, count: count, first: first, folder: arguments[4]).run()
} catch {
    print("mutations: \(kind): \((error as? Complaint)?.text ?? "\(error)")")
    exit(1)
}
