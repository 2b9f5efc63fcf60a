// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryCore
import RegistryService

/// The part of a file's content that a request selects (RFC 9110, sections 13 and 14).
struct BlobSelection {
    enum Part: Hashable {
        case whole
        case range(ClosedRange<Int64>)
        case several(MultipartRanges)
        case unsatisfiable
        case notModified
        case preconditionFailed
    }

    let part: Part
    private let isHead: Bool

    init(_ request: Request, of file: StoredFile) {
        isHead = request.method == .head
        let current = Validators(entityTag: EntityTag(file.blob.sha256), lastModified: file.lastModified)
        let conditions = request.headers.preconditions
        part =
            switch conditions.evaluate(current: current, isRetrieval: true) {
            case .notModified: .notModified
            case .preconditionFailed: .preconditionFailed
            case .proceed: Self.part(request, of: file, isAllowed: conditions.allowsRange(of: current))
            }
    }

    /// Whether the response has content.
    var hasBody: Bool {
        switch part {
        case .whole, .range, .several: !isHead
        case .unsatisfiable, .notModified, .preconditionFailed: false
        }
    }

    /// The first range of content to send; nil for the whole.
    var firstRange: Range<Int64>? {
        switch part {
        case .range(let range): Range(range)
        case .several(let ranges): ranges.parts.first.map { Range($0.range) }
        case .whole, .unsatisfiable, .notModified, .preconditionFailed: nil
        }
    }

    /// Returns what the download counter needs: a download begins with the first byte and is complete with the last.
    func countedAnswer(of file: StoredFile, _ request: Request) -> CountedAnswer {
        CountedAnswer(
            fileID: file.id,
            sizeInBytes: file.blob.sizeInBytes,
            client: request.clientNetwork,
            hasFirstByte: includes { $0.lowerBound == 0 },
            hasLastByte: includes { $0.upperBound == file.blob.sizeInBytes - 1 }
        )
    }

    /// Returns whether a selected range fulfills a condition; the whole content fulfills every condition.
    private func includes(_ isWanted: (ClosedRange<Int64>) -> Bool) -> Bool {
        switch part {
        case .whole: hasBody
        case .range(let range): isWanted(range)
        case .several(let ranges): ranges.parts.contains { isWanted($0.range) }
        case .unsatisfiable, .notModified, .preconditionFailed: false
        }
    }

    private static func part(_ request: Request, of file: StoredFile, isAllowed: Bool) -> Part {
        // RFC 9110, section 14.2: a range is defined for GET only.
        guard isAllowed, request.method == .get else { return .whole }
        switch RangeRequest.parse(request.headers[.range], size: file.blob.sizeInBytes) {
        case .whole: return .whole
        case .unsatisfiable: return .unsatisfiable
        case .ranges(let ranges):
            if let range = ranges.first, ranges.count == 1 { return .range(range) }
            let boundary =
                String(UInt64.random(in: .min ... .max), radix: 36)
                + String(UInt64.random(in: .min ... .max), radix: 36)
            return .several(MultipartRanges(ranges, size: file.blob.sizeInBytes, boundary: boundary))
        }
    }
}
