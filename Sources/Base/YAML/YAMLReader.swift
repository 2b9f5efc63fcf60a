// SPDX-License-Identifier: Apache-2.0

/// A reader for the YAML subset of settings files: one document of scalars, sequences and mappings.
///
/// Rejects anchors, aliases, tags, multiple documents, duplicate keys, and input that is too large or too deeply nested.
package struct YAMLReader {
    private let sizeLimit: Int
    private let depthLimit: Int

    /// Limits the text to `sizeLimit` bytes and the nesting to `depthLimit` levels.
    package init(sizeLimit: Int = 1 << 20, depthLimit: Int = 32) {
        self.sizeLimit = sizeLimit
        self.depthLimit = depthLimit
    }

    /// Parses a UTF-8 text; returns nil when it contains no value.
    package func read(_ text: [UInt8]) throws(YAMLError) -> YAMLValue? {
        guard text.count <= sizeLimit else {
            throw YAMLError(line: 1, problem: "the text is larger than \(sizeLimit) bytes")
        }
        var events = EventParser(text)
        var value: YAMLValue?
        var documents = 0
        while true {
            let event = try events.next()
            switch event.kind {
            case .streamStart, .documentEnd: continue
            case .streamEnd: return value
            case .documentStart:
                documents += 1
                guard documents == 1 else {
                    throw YAMLError(line: event.line, problem: "a second document begins here: only one is supported")
                }
            default: value = try read(event, from: &events, depth: 0)
            }
        }
    }

    private func read(_ event: Event, from events: inout EventParser, depth: Int) throws(YAMLError) -> YAMLValue {
        guard depth <= depthLimit else {
            throw YAMLError(line: event.line, problem: "values are nested more than \(depthLimit) levels deep")
        }
        try refuseProperties(of: event)
        switch event.kind {
        case .scalar(let text, let isPlain):
            return YAMLValue(content: .scalar(text, isPlain: isPlain), line: event.line)
        case .sequenceStart:
            var values: [YAMLValue] = []
            while true {
                let next = try events.next()
                if next.kind == .sequenceEnd { return YAMLValue(content: .sequence(values), line: event.line) }
                values.append(try read(next, from: &events, depth: depth + 1))
            }
        case .mappingStart:
            let entries = try readEntries(from: &events, depth: depth)
            return YAMLValue(content: .mapping(entries), line: event.line)
        default:
            throw YAMLError(line: event.line, problem: "a value is missing")
        }
    }

    private func readEntries(from events: inout EventParser, depth: Int) throws(YAMLError) -> [YAMLValue.Entry] {
        var entries: [YAMLValue.Entry] = []
        var lines: [String: Int] = [:]
        while true {
            let event = try events.next()
            if event.kind == .mappingEnd { return entries }
            try refuseProperties(of: event)
            guard case .scalar(let key, _) = event.kind else {
                throw YAMLError(line: event.line, problem: "a key must be a string")
            }
            if let line = lines.updateValue(event.line, forKey: key) {
                throw YAMLError(line: event.line, problem: "duplicate key \(key.debugDescription): see line \(line)")
            }
            let value = try read(events.next(), from: &events, depth: depth + 1)
            entries.append(YAMLValue.Entry(key: key, line: event.line, value: value))
        }
    }

    private func refuseProperties(of event: Event) throws(YAMLError) {
        if let property = event.property {
            throw YAMLError(line: event.line, problem: "\(property) is not supported: write the value itself")
        }
    }
}
