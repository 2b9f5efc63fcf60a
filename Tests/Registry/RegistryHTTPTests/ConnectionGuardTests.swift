// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import RegistryCore
import Testing

@testable import RegistryHTTP

/// The guard between a socket and the handlers, with neither.
@Suite("Connection guard")
struct ConnectionGuardTests {
    /// Stands where the socket is: counts reads and half-closes, which an embedded channel does not know.
    private final class Socket: ChannelOutboundHandler {
        typealias OutboundIn = Never

        private(set) var reads = 0
        private(set) var halfCloses = 0

        func read(context: ChannelHandlerContext) {
            reads += 1
            context.read()
        }

        func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
            guard mode == .output else { return context.close(mode: mode, promise: promise) }
            halfCloses += 1
            promise?.succeed()
        }
    }

    private let socket = Socket()
    private let channel: EmbeddedChannel

    init() throws {
        let codec = HTTP1ToHTTPServerCodec(secure: false)
        channel = EmbeddedChannel(handlers: [socket, codec, ConnectionGuard(limits: Limits())])
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    private func receive(contentLength: Int, expect: String? = nil) throws {
        var head = HTTPRequestHead(version: .http1_1, method: .PUT, uri: "/")
        head.headers.add(name: "Host", value: "localhost")
        head.headers.add(name: "Content-Length", value: String(contentLength))
        if let expect { head.headers.add(name: "Expect", value: expect) }
        try channel.writeInbound(HTTPServerRequestPart.head(head))
    }

    private func receive(_ count: Int) throws {
        try channel.writeInbound(HTTPServerRequestPart.body(ByteBuffer(repeating: 1, count: count)))
    }

    /// Answers, and returns the head as the client gets it.
    private func answer(_ status: HTTPResponse.Status = .forbidden) throws -> HTTPResponseHead? {
        channel.writeAndFlush(HTTPResponsePart.head(HTTPResponse(status: status)), promise: nil)
        try channel.writeOutbound(HTTPResponsePart.body(ByteBuffer(string: "no\n")))
        try channel.writeOutbound(HTTPResponsePart.end(nil))
        return try sentHead()
    }

    private func sentHead() throws -> HTTPResponseHead? {
        while let part = try channel.readOutbound(as: HTTPServerResponsePart.self) {
            if case .head(let head) = part { return head }
        }
        return nil
    }

    @Test("an early answer to a large body announces the close, and ends the sending side only")
    func earlyAnswer() throws {
        try receive(contentLength: 1 << 30)
        #expect(try answer()?.headers["connection"] == ["close"])
        #expect(socket.halfCloses == 1)
        #expect(channel.isActive, "the client can still read the answer")
    }

    @Test("at most 128 KiB of the refused body are read, and none of it reaches the handlers")
    func boundedDrain() throws {
        try receive(contentLength: 1 << 30)
        _ = try answer()
        _ = try channel.readInbound(as: HTTPRequestPart.self)
        for _ in 0..<8 {
            channel.read()
            try receive(64 * 1024)
        }
        let reads = socket.reads
        channel.read()
        #expect(socket.reads == reads, "no more is read")
        #expect(try channel.readInbound(as: HTTPRequestPart.self) == nil)
        channel.embeddedEventLoop.advanceTime(by: .seconds(4))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
    }

    @Test("a client that ends its body meanwhile is let go at once")
    func endWhileLingering() throws {
        try receive(contentLength: 100_000)
        _ = try answer()
        try receive(100_000)
        try channel.writeInbound(HTTPServerRequestPart.end(nil))
        #expect(!channel.isActive)
    }

    @Test("a rest of 64 KiB keeps the connection, and reaches the handlers")
    func smallRest() throws {
        try receive(contentLength: 64 * 1024)
        #expect(try answer()?.headers["connection"] == [])
        #expect(socket.halfCloses == 0)
        _ = try channel.readInbound(as: HTTPRequestPart.self)
        try receive(64 * 1024)
        try channel.writeInbound(HTTPServerRequestPart.end(nil))
        #expect(try channel.readInbound(as: HTTPRequestPart.self) != nil)
        #expect(channel.isActive)
    }

    @Test("the head of an answer leaves together with what follows it")
    func headWaits() throws {
        try receive(contentLength: 0)
        channel.writeAndFlush(HTTPResponsePart.head(HTTPResponse(status: .ok)), promise: nil)
        #expect(try channel.readOutbound(as: HTTPServerResponsePart.self) == nil)
        try channel.writeOutbound(HTTPResponsePart.body(ByteBuffer(string: "content")))
        #expect(try sentHead()?.status == .ok)
        #expect(try channel.readOutbound(as: HTTPServerResponsePart.self) != nil)
    }

    @Test("100 Continue passes unchanged, and the final answer after the body keeps the connection")
    func continues() throws {
        try receive(contentLength: 1 << 20, expect: "100-continue")
        try channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .continue)))
        let interim = try sentHead()
        #expect(interim?.status == .continue)
        #expect(interim?.headers["connection"] == [])
        try receive(1 << 20)
        try channel.writeInbound(HTTPServerRequestPart.end(nil))
        #expect(try answer(.created)?.headers["connection"] == [])
        #expect(channel.isActive)
    }

    @Test("a refusal instead of 100 Continue closes, since the client may send the body after all")
    func refusalBeforeContinue() throws {
        try receive(contentLength: 10, expect: "100-Continue")
        #expect(try answer()?.headers["connection"] == ["close"])
    }

    @Test(
        "what is not HTTP gets a sentence",
        arguments: [
            (HTTPParserError.invalidMethod, 400), (.headerOverflow, 431), (.invalidVersion, 400),
        ]
    )
    func parserError(_ error: HTTPParserError, _ status: Int) throws {
        channel.pipeline.fireErrorCaught(error)
        let parts = try (0..<3).compactMap { _ in try channel.readOutbound(as: HTTPServerResponsePart.self) }
        guard case .head(let head)? = parts.first, case .body(.byteBuffer(let body))? = parts.dropFirst().first else {
            Issue.record("\(parts)")
            return
        }
        #expect(head.status.code == status)
        #expect(head.headers["connection"] == ["close"])
        #expect(head.headers["content-length"] == [String(body.readableBytes)])
        #expect(body.readableBytes > 20)
        #expect(!channel.isActive)
    }

    @Test("a parser's error within a body goes to the handler that reads it")
    func errorWithinBody() throws {
        try receive(contentLength: 10)
        channel.pipeline.fireErrorCaught(HTTPParserError.invalidChunkSize)
        #expect(throws: HTTPParserError.self) { try channel.throwIfErrorCaught() }
        #expect(try channel.readOutbound(as: HTTPServerResponsePart.self) == nil)
    }
}
