// SPDX-License-Identifier: Apache-2.0

/// A bounded buffer of log lines that counts the lines it drops.
struct LineBuffer {
    /// The lines of one write.
    struct Batch {
        var bytes: [UInt8]
        /// The number of dropped lines reported by the batch's last line; 0 without such a line.
        let lost: Int
    }

    private var bytes: [UInt8] = []
    private var lost = 0
    private let capacity: Int
    private var label = ""
    private var clock = TimeStamp()

    /// Creates a buffer of `capacity` bytes, excluding the notice of dropped lines.
    init(capacity: Int) {
        self.capacity = capacity
    }

    var isEmpty: Bool { bytes.isEmpty }

    /// Adds a line with its time, level, label and remaining content.
    mutating func add(secondsSince1970 time: Int, level: Logger.Level, label: String, rest: [UInt8]) {
        self.label = label
        let length = TimeStamp.length + level.mark.utf8CodeUnitCount + label.utf8.count + rest.count + 2
        guard bytes.count + length <= capacity else {
            lost += 1
            return
        }
        append(time, level, rest)
    }

    /// Returns the buffered lines, and reuses the memory of `spent`.
    ///
    /// If lines were dropped, the last line reports how many.
    mutating func take(reusing spent: consuming [UInt8], secondsSince1970 time: Int) -> Batch {
        let count = lost
        if lost > 0 {
            var fields = LogFields()
            fields.append("count", lost)
            fields.finish(message: "log lines were dropped: standard error was not read", fileID: #fileID)
            lost = 0
            append(time, .warning, fields.bytes)
        }
        spent.removeAll(keepingCapacity: true)
        swap(&spent, &bytes)
        return Batch(bytes: spent, lost: count)
    }

    /// Counts the lines of a batch from `start` on as dropped, because they could not be written.
    mutating func lose(_ batch: Batch, from start: Int) {
        let lines = batch.bytes[start...].count { $0 == UInt8(ascii: "\n") }
        lost += lines + (batch.lost > 0 ? batch.lost - 1 : 0)
    }

    private mutating func append(_ time: Int, _ level: Logger.Level, _ rest: [UInt8]) {
        bytes.append(contentsOf: clock.bytes(secondsSince1970: time))
        bytes.append(level.mark)
        bytes.append(contentsOf: label.utf8)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(contentsOf: rest)
        bytes.append(UInt8(ascii: "\n"))
    }
}
