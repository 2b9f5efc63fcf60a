// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Has one conversation for each seed.
// OpenSSL's contexts and the table of seeds are made for many threads.
final class Client: @unchecked Sendable {
    private let kind: Mutations.Kind
    private let port: Int
    private let http1 = HTTP1Conversations()
    private let http2 = HTTP2Conversations()
    private let context: OpaquePointer?
    /// What each worker does at the moment, in a file that outlives a crash.
    private let seeds: UnsafeMutablePointer<UInt64>?

    init(kind: Mutations.Kind, port: Int, folder: String) {
        self.kind = kind
        self.port = port
        context = RecordLayer.makeContext(kind == .http2 ? "h2" : "http/1.1")
        let file = open(folder + "/seeds", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        ftruncate(file, 4096)
        let memory = mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
        close(file)
        seeds = memory == MAP_FAILED ? nil : memory?.bindMemory(to: UInt64.self, capacity: 512)
    }

    func converse(seed: UInt64, worker: Int) throws {
        seeds?[worker] = seed
        var random = SplitMix64(seed: seed)
        switch kind {
        case .http1: try plain(Peer(port: port, from: seed), &random)
        case .http2: try overTLS(Peer(port: port, from: seed), &random)
        case .tls: try overTLS(Peer(port: port, from: seed), &random)
        }
    }

    /// Asks as everybody does.
    func checkThatItServes() throws {
        let request = Array("GET /hot HTTP/1.1\r\nHost: test\r\n\r\n".utf8)
        let peer = try Peer(port: port, from: 0)
        guard kind != .http1 else {
            try peer.send(request)
            _ = peer.leave(.halfClose)
            return try check(peer.receiveToEnd())
        }
        var random = SplitMix64(seed: 0)
        let context = RecordLayer.makeContext("http/1.1")
        guard let records = RecordLayer(context), try shakeHands(peer, records, harm: .never, &random) else {
            throw Complaint(text: "no handshake succeeds any more")
        }
        records.write(request)
        records.closeNotify()
        try peer.send(records.takeRecords())
        _ = peer.leave(.halfClose)
        try check(records.read(peer.receiveToEnd()))
    }

    private func check(_ answer: [UInt8]) throws {
        guard answer.starts(with: "HTTP/1.1 200".utf8), answer.suffix(100).elementsEqual(Site.pattern(100)) else {
            throw Complaint(text: "the server does not serve any more: \(String(decoding: answer, as: UTF8.self))")
        }
    }

    private func plain(_ peer: Peer, _ random: inout SplitMix64) throws {
        let bytes = http1.mutated(&random)
        let departure = Departure.any(&random)
        // A reset may come at any byte.
        try peer.send(departure == .reset ? Array(bytes.prefix(random.number(below: bytes.count + 1))) : bytes, &random)
        guard peer.leave(departure) else { return }
        if let complaint = Answers.complaint(aboutHTTP1: try peer.receiveToEnd()) { throw Complaint(text: complaint) }
    }

    private enum Harm { case never, now }

    private func overTLS(_ peer: Peer, _ random: inout SplitMix64) throws {
        let bytes = kind == .http2 ? http2.mutated(&random) : http1.mutated(&random)
        let breaksRecords = kind == .tls
        let departure = Departure.any(&random)
        guard let records = RecordLayer(context) else { throw Complaint(text: "no TLS") }
        // What lies behind the handshake is more.
        let harm: Harm = breaksRecords && random.isOne(in: 4) ? .now : .never
        if try shakeHands(peer, records, harm: harm, &random) {
            // Some records, each with a part.
            var start = 0
            for _ in 0..<random.number(below: 3) {
                let end = start + random.number(below: bytes.count - start + 1)
                records.write(Array(bytes[start..<end]))
                start = end
            }
            records.write(Array(bytes[start...]))
            if random.isOne(in: 2), departure == .halfClose { records.closeNotify() }
            var sent = records.takeRecords()
            if breaksRecords { mutate(&sent, &random) }
            if departure == .reset { sent = Array(sent.prefix(random.number(below: sent.count + 1))) }
            try peer.send(sent, &random)
        } else if harm == .never {
            throw Complaint(text: "a handshake fails that nobody harmed")
        }
        guard peer.leave(departure) else { return }
        let received = records.read(try peer.receiveToEnd())
        let complaint =
            kind == .http2 ? Answers.complaint(aboutHTTP2: received) : Answers.complaint(aboutHTTP1: received)
        if let complaint { throw Complaint(text: complaint) }
    }

    /// Whether the handshake succeeds.
    private func shakeHands(
        _ peer: Peer,
        _ records: RecordLayer,
        harm: Harm,
        _ random: inout SplitMix64
    ) throws -> Bool {
        while true {
            let goesOn = records.handshake()
            var sent = records.takeRecords()
            if harm == .now { mutate(&sent, &random) }
            try peer.send(sent)
            if records.isHandshakeDone { return true }
            guard goesOn, !peer.isOver else { return false }
            // A server that waits for the rest of what was harmed hears that there is none.
            if harm == .now, !peer.isReadable(milliseconds: 20) { return false }
            _ = records.read(try peer.receive())
        }
    }

    private func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
        let words: [[UInt8]] = [
            [22, 3, 1], [23, 3, 3, 0, 1], [21, 3, 3, 0, 2, 2, 40], [20, 3, 3, 0, 1, 1], [255, 255], [0, 0],
        ]
        let other = bytes
        for _ in 0..<random.number(below: 3) { Mutation.change(&bytes, words, other.isEmpty ? [0] : other, &random) }
    }
}
