// SPDX-License-Identifier: Apache-2.0

/// Writes what happens to standard error, one event a line; `docs/LOGGING.md` has the form of a line.
///
/// A line is queued and written by a thread of its own: whoever logs never waits for standard error. When it is not read, lines
/// are dropped, and their count is logged as soon as writing works again.
package struct Logger: Sendable {
    package typealias Metadata = [String: String]

    /// The least important level that is written.
    package var logLevel = Level.info
    /// Stands in every line, before its values.
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

    /// Whether a line of this level is written; for callers that would have work to prepare one.
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

    /// Logs values that are bytes already, and empties them: the way for lines that are written for every request.
    package func log(level: Level, _ message: String, fields: inout LogFields, fileID: StaticString = #fileID) {
        defer { fields.removeAll() }
        guard writes(level) else { return }
        fields.finish(message: message, fileID: fileID)
        queue.add(level: level, label: label, rest: fields.bytes)
    }

    /// Waits until everything that was logged to standard error is written, but no longer than the time given.
    ///
    /// It blocks the thread that calls: for the end of a process. False when the time was up before.
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
