// SPDX-License-Identifier: Apache-2.0

/// A logger that writes one line per event to standard error; `docs/LOGGING.md` describes the format.
///
/// A separate thread writes the lines, so logging never blocks the caller. When standard error is not read, lines are dropped, and their
/// count is logged once writing succeeds again.
package struct Logger: Sendable {
    package typealias Metadata = [String: String]

    /// The lowest level that is logged.
    package var logLevel = Level.info
    /// The text at the start of every line, before its values.
    package let label: String
    private let queue: LineQueue

    /// Logs to standard error.
    package init(label: String) {
        self.init(label: label, queue: .standardError)
    }

    init(label: String, queue: LineQueue) {
        self.label = label
        self.queue = queue
    }

    /// Returns whether a line of this level is logged, so that callers can skip preparing one.
    package func writes(_ level: Level) -> Bool { level >= logLevel }

    package func log(
        level: Level,
        _ message: @autoclosure () -> String,
        metadata: @autoclosure () -> Metadata = [:],
        fileID: StaticString = #fileID
    ) {
        guard writes(level) else { return }
        var fields = LogFields(metadata())
        log(level: level, message(), fields: &fields, fileID: fileID)
    }

    /// Logs encoded fields and then empties them; used for the lines that are written for every request.
    package func log(level: Level, _ message: String, fields: inout LogFields, fileID: StaticString = #fileID) {
        defer { fields.removeAll() }
        guard writes(level) else { return }
        fields.finish(message: message, fileID: fileID)
        queue.add(level: level, label: label, rest: fields.bytes)
    }

    /// Waits until all queued lines are written to standard error; returns false on timeout.
    ///
    /// Blocks the calling thread, so call it only when the process ends.
    @discardableResult
    package static func flush(within time: Duration = .seconds(1)) -> Bool {
        LineQueue.standardError.flush(within: time)
    }
}

extension Logger {
    package func trace(
        _ message: @autoclosure () -> String,
        metadata: @autoclosure () -> Metadata = [:],
        fileID: StaticString = #fileID
    ) { log(level: .trace, message(), metadata: metadata(), fileID: fileID) }

    package func debug(
        _ message: @autoclosure () -> String,
        metadata: @autoclosure () -> Metadata = [:],
        fileID: StaticString = #fileID
    ) { log(level: .debug, message(), metadata: metadata(), fileID: fileID) }

    package func info(
        _ message: @autoclosure () -> String,
        metadata: @autoclosure () -> Metadata = [:],
        fileID: StaticString = #fileID
    ) { log(level: .info, message(), metadata: metadata(), fileID: fileID) }

    package func notice(
        _ message: @autoclosure () -> String,
        metadata: @autoclosure () -> Metadata = [:],
        fileID: StaticString = #fileID
    ) { log(level: .notice, message(), metadata: metadata(), fileID: fileID) }

    package func warning(
        _ message: @autoclosure () -> String,
        metadata: @autoclosure () -> Metadata = [:],
        fileID: StaticString = #fileID
    ) { log(level: .warning, message(), metadata: metadata(), fileID: fileID) }

    package func error(
        _ message: @autoclosure () -> String,
        metadata: @autoclosure () -> Metadata = [:],
        fileID: StaticString = #fileID
    ) { log(level: .error, message(), metadata: metadata(), fileID: fileID) }

    package func critical(
        _ message: @autoclosure () -> String,
        metadata: @autoclosure () -> Metadata = [:],
        fileID: StaticString = #fileID
    ) { log(level: .critical, message(), metadata: metadata(), fileID: fileID) }
}
