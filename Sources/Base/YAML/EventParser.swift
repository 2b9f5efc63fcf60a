// SPDX-License-Identifier: Apache-2.0

import CYAML

/// A parser event.
struct Event {
    enum Kind: Equatable {
        case streamStart, streamEnd
        case documentStart, documentEnd
        case sequenceStart, sequenceEnd
        case mappingStart, mappingEnd
        case scalar(String, isPlain: Bool)
        case alias
    }

    let kind: Kind
    /// The line on which the event begins, from 1.
    let line: Int
    /// An alias, anchor or tag of the value, as named in messages; nil without one.
    let property: String?
}

/// A libyaml event parser over a text in memory.
struct EventParser: ~Copyable {
    // The parser owns and frees both. libyaml reads from the text until then.
    private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    private let text: UnsafeMutableBufferPointer<UInt8>

    init(_ bytes: [UInt8]) {
        // With the encoding set, libyaml would count a byte order mark as a column of the first line.
        let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        text = .allocate(capacity: content.count)
        _ = text.initialize(from: content)
        parser.initialize(to: yaml_parser_t())
        // Fails only when memory is exhausted; later calls then report an error.
        yaml_parser_initialize(parser)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, text.baseAddress, text.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        text.deallocate()
    }

    /// Returns the next event; at the end, repeats the end of the stream.
    mutating func next() throws(YAMLError) -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw error }
        defer { yaml_event_delete(&event) }
        return Event(kind: Self.kind(event), line: Int(event.start_mark.line) + 1, property: Self.property(event))
    }

    private static func kind(_ event: yaml_event_t) -> Event.Kind {
        switch event.type {
        case YAML_STREAM_START_EVENT: return .streamStart
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_SEQUENCE_START_EVENT: return .sequenceStart
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_MAPPING_START_EVENT: return .mappingStart
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        case YAML_ALIAS_EVENT: return .alias
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let text = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            return .scalar(String(decoding: text, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
        default: return .streamEnd
        }
    }

    private static func property(_ event: yaml_event_t) -> String? {
        let (anchor, tag) =
            switch event.type {
            case YAML_SCALAR_EVENT: (event.data.scalar.anchor, event.data.scalar.tag)
            case YAML_SEQUENCE_START_EVENT: (event.data.sequence_start.anchor, event.data.sequence_start.tag)
            case YAML_MAPPING_START_EVENT: (event.data.mapping_start.anchor, event.data.mapping_start.tag)
            default: (nil, nil) as (UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<UInt8>?)
            }
        if event.type == YAML_ALIAS_EVENT { return "an alias (*)" }
        if anchor != nil { return "an anchor (&)" }
        return tag == nil ? nil : "a tag (!)"
    }

    /// The error that stopped libyaml, in one sentence.
    private var error: YAMLError {
        func words(_ text: UnsafePointer<CChar>?) -> String { text.map { String(cString: $0) } ?? "" }
        let problem = words(parser.pointee.problem)
        switch parser.pointee.error {
        case YAML_READER_ERROR:
            let line = 1 + text.prefix(Int(clamping: parser.pointee.problem_offset)).count { $0 == UInt8(ascii: "\n") }
            return YAMLError(line: line, problem: problem)
        case YAML_SCANNER_ERROR, YAML_PARSER_ERROR:
            let context = words(parser.pointee.context)
            let sentence = context.isEmpty ? problem : "\(problem), \(context)"
            return YAMLError(line: problemLine, problem: sentence)
        default: return YAMLError(line: 1, problem: "out of memory")
        }
    }

    /// The line of the error; for input that ends too early, the last line rather than libyaml's line after it.
    private var problemLine: Int {
        let mark = parser.pointee.problem_mark
        let characters = text.count { $0 & 0xC0 != 0x80 }
        let isAfterEnd = mark.column == 0 && mark.line > 0 && mark.index >= characters
        return Int(mark.line) + (isAfterEnd ? 0 : 1)
    }
}
