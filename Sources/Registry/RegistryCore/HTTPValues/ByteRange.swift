// SPDX-License-Identifier: Apache-2.0

/// The meaning of a `Range` header for a file of a known size (RFC 9110 section 14).
package enum RangeRequest: Hashable, Sendable {
    /// The whole file: the header is absent, uses another unit, is malformed or requests too much.
    case whole
    /// One or more ranges within the file, in the requested order.
    case ranges([ClosedRange<Int64>])
    /// None of the ranges is within the file.
    case unsatisfiable

    /// The maximum number of ranges; a request for more receives the whole file.
    static let maximumCount = 32

    /// Parses the header's value and resolves it against the size of the file.
    ///
    /// A malformed range set is ignored as a whole. The same applies to overlapping ranges that together exceed the file, so that no
    /// request makes the registry send more than it holds (section 14.2). No 206 response can describe a range of an empty file. It is sent
    /// whole, which a resuming client treats as the end.
    package static func parse(_ header: String?, size: Int64) -> RangeRequest {
        guard let header, size > 0, let specs = specs(in: header), specs.count <= maximumCount else { return .whole }
        let ranges = specs.compactMap { $0.resolved(size: size) }
        guard !ranges.isEmpty else { return .unsatisfiable }
        var total: Int64 = 0
        for range in ranges {
            let (sum, isTooMuch) = total.addingReportingOverflow(range.upperBound - range.lowerBound + 1)
            guard !isTooMuch, sum <= size else { return .whole }
            total = sum
        }
        return .ranges(ranges)
    }

    /// One range as written, before the size is known.
    private enum Spec {
        case from(Int64, through: Int64?)
        case suffix(Int64)

        func resolved(size: Int64) -> ClosedRange<Int64>? {
            switch self {
            case .from(let first, let last):
                guard first < size else { return nil }
                return first...min(last ?? size - 1, size - 1)
            case .suffix(let length):
                return length == 0 ? nil : max(0, size - length)...(size - 1)
            }
        }
    }

    private static func specs(in header: String) -> [Spec]? {
        let parts = header.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].lowercased() == "bytes" else { return nil }
        var specs: [Spec] = []
        for element in parts[1].split(separator: ",") {
            let text = element.trimmingOptionalWhiteSpace()
            // Lists may contain empty elements (section 5.6.1.2).
            if text.isEmpty { continue }
            guard let spec = spec(text) else { return nil }
            specs.append(spec)
        }
        return specs.isEmpty ? nil : specs
    }

    private static func spec(_ text: Substring) -> Spec? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        if parts[0].isEmpty { return position(parts[1]).map(Spec.suffix) }
        guard let first = position(parts[0]) else { return nil }
        if parts[1].isEmpty { return .from(first, through: nil) }
        guard let last = position(parts[1]), first <= last else { return nil }
        return .from(first, through: last)
    }

    /// Parses a number of any length; numbers beyond `Int64` are beyond every file.
    private static func position(_ text: Substring) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy(\.isASCIIDigit) else { return nil }
        return Int64(text) ?? .max
    }
}
