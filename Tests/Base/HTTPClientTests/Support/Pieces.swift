// SPDX-License-Identifier: Apache-2.0

/// The body of a request out of pieces that are made when they are asked for.
struct Pieces: AsyncSequence, Sendable {
    typealias Element = [UInt8]
    typealias Failure = any Error

    private let make: @Sendable (_ index: Int) async throws -> [UInt8]?

    init(_ make: @escaping @Sendable (_ index: Int) async throws -> [UInt8]?) {
        self.make = make
    }

    init(_ pieces: [[UInt8]]) {
        make = { $0 < pieces.count ? pieces[$0] : nil }
    }

    /// So many bytes that do not look alike at other places than every 65,521.
    static func content(_ count: Int) -> [UInt8] {
        let pattern = (0..<65_521).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        var content: [UInt8] = []
        content.reserveCapacity(count + pattern.count)
        while content.count < count { content += pattern }
        return Array(content.prefix(count))
    }

    func makeAsyncIterator() -> Iterator { Iterator(make: make) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate let make: @Sendable (_ index: Int) async throws -> [UInt8]?
        private var index = 0

        fileprivate init(make: @escaping @Sendable (_ index: Int) async throws -> [UInt8]?) {
            self.make = make
        }

        mutating func next() async throws -> [UInt8]? {
            defer { index += 1 }
            return try await make(index)
        }
    }
}
