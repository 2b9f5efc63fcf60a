// SPDX-License-Identifier: Apache-2.0

/// A scanner for the frames that a client sends, because the library does not report all of them (RFC 9113, section 4.1).
///
/// It detects incomplete frames and header blocks, and counts the cost of a connection besides requests.
struct FrameScanner {
    /// A frame header.
    struct Frame: Equatable {
        let type: UInt8
        let flags: UInt8
        /// The payload size in bytes.
        let length: Int

        var isAcknowledgement: Bool { flags & 0x1 != 0 }
        var endsStream: Bool { flags & 0x1 != 0 }
    }

    /// The frame types (RFC 9113, section 6).
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
    /// The length of the client connection preface (RFC 9113, section 3.4).
    private static let prefaceLength = 24

    private var prefaceLeft = prefaceLength
    private var headerRead = 0
    /// The length, type and flags from the bytes of the current frame header so far.
    private var header: UInt64 = 0
    private var payloadLeft = 0
    private var isWithinHead = false

    /// Whether the client must complete something: the preface, a frame, or a header block of several frames.
    var isIncomplete: Bool {
        prefaceLeft < Self.prefaceLength && prefaceLeft > 0 || headerRead > 0 || payloadLeft > 0 || isWithinHead
    }

    /// Scans further bytes, and calls `began` for each complete frame header.
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
            // The last four bytes are the stream identifier, which is irrelevant here.
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
