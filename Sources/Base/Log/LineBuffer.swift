// SPDX-License-Identifier: Apache-2.0

/// Lines that wait to be written: a bounded number of bytes, and the count of the lines that found no room.
struct LineBuffer {
    /// Lines on their way out.
    struct Batch {
        var bytes: [UInt8]
        /// How many lines were lost, as its last line says; 0 without such a line.
        let lost: Int
    }

    private var bytes: [UInt8] = []
    private var lost = 0
    private let capacity: Int
    private var label = ""
    private var clock = TimeStamp()

    /// Room for so many bytes, a notice of lost lines not counted.
    init(capacity: Int) {
        self.capacity = capacity
    }

    var isEmpty: Bool { bytes.isEmpty }

    /// Adds a line: its time, its level, the label and the rest.
    mutating func add(secondsSince1970 time: Int, level: Logger.Level, label: String, rest: [UInt8]) {
        self.label = label
        let length = TimeStamp.length + level.mark.utf8CodeUnitCount + label.utf8.count + rest.count + 2
        guard bytes.count + length <= capacity else {
            lost += 1
            return
        }
        append(time, level, rest)
    }

    /// Gives the lines that wait, in exchange for bytes whose memory is used again.
    ///
    /// The last line says how many were lost, when some were.
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

    /// Takes note that the end of a batch, from an index on, could not be written.
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
