// SPDX-License-Identifier: Apache-2.0

/// Follows the frames of what a client sends, beside the library, which does not tell of each of them (RFC 9113, section 4.1).
///
/// It knows whether a frame or a head is incomplete, and what a connection costs besides requests.
struct FrameScanner {
    /// The header of a frame.
    struct Frame: Equatable {
        let type: UInt8
        let flags: UInt8
        /// The size of its payload in bytes.
        let length: Int

        var isAcknowledgement: Bool { flags & 0x1 != 0 }
        var endsStream: Bool { flags & 0x1 != 0 }
    }

    /// The types of frames (RFC 9113, section 6).
    enum FrameType {
        static let data: UInt8 = 0
        static let headers: UInt8 = 1
        static let priority: UInt8 = 2
        static let reset: UInt8 = 3
        static let settings: UInt8 = 4
        static let pushPromise: UInt8 = 5
        static let ping: UInt8 = 6
        static let goAway: UInt8 = 7
        static let windowUpdate: UInt8 = 8
        static let continuation: UInt8 = 9
    }

    private static let headerLength = 9
    /// What a client sends before its first frame (RFC 9113, section 3.4).
    private static let prefaceLength = 24

    private var prefaceLeft = prefaceLength
    private var headerRead = 0
    /// The length, type and flags of the header that is being read, as far as it came.
    private var header: UInt64 = 0
    private var payloadLeft = 0
    private var isWithinHead = false

    /// Whether the client has begun something that only further bytes complete: the preface, a frame, or a head of several frames.
    var isIncomplete: Bool {
        prefaceLeft < Self.prefaceLength && prefaceLeft > 0 || headerRead > 0 || payloadLeft > 0 || isWithinHead
    }

    /// Reads on, and calls `began` for each frame whose header is complete.
    mutating func scan(_ bytes: UnsafeRawBufferPointer, _ began: (Frame) -> Void) {
        var index = min(prefaceLeft, bytes.count)
        prefaceLeft -= index
        while index < bytes.count {
            if payloadLeft > 0 {
                let skipped = min(payloadLeft, bytes.count - index)
                payloadLeft -= skipped
                index += skipped
                continue
            }
            // The last four bytes name the stream, which does not matter here.
            if headerRead < 5 { header = header << 8 | UInt64(bytes[index]) }
            headerRead += 1
            index += 1
            if headerRead == Self.headerLength { began(headerIsComplete()) }
        }
    }

    private mutating func headerIsComplete() -> Frame {
        let frame = Frame(
            type: UInt8(truncatingIfNeeded: header >> 8),
            flags: UInt8(truncatingIfNeeded: header),
            length: Int(header >> 16)
        )
        header = 0
        headerRead = 0
        payloadLeft = frame.length
        if frame.type == FrameType.headers || frame.type == FrameType.continuation {
            isWithinHead = frame.flags & 0x4 == 0
        }
        return frame
    }
}
