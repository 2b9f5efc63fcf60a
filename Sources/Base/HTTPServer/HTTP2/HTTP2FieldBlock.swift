// SPDX-License-Identifier: Apache-2.0

import CNGHTTP2
import HTTPMessages

/// The header fields of a prepared response in the library's format.
///
/// The second field, `date`, and the third, the variable one, have no value yet.
// The initializer writes the memory; afterwards it is only read.
final class HTTP2FieldBlock: @unchecked Sendable {
    /// The indices of the two variable fields.
    static let date = 1
    static let variable = 2

    let pairs: UnsafeBufferPointer<nghttp2_nv>
    private let text: UnsafeMutableBufferPointer<UInt8>

    init(_ fields: HTTPFields, variable: HTTPField.Name) {
        var list: [(name: String, value: String)] = [(":status", "200"), ("date", ""), (variable.canonicalName, "")]
        list += fields.map { ($0.name.canonicalName, $0.value) }
        let size = list.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
        let text = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: size)
        let pairs = UnsafeMutableBufferPointer<nghttp2_nv>.allocate(capacity: list.count)
        var used = 0
        func store(_ string: String) -> (UnsafeMutablePointer<UInt8>?, Int) {
            let start = used
            for byte in string.utf8 {
                text.initializeElement(at: used, to: byte)
                used += 1
            }
            return (text.baseAddress.map { $0 + start }, used - start)
        }
        for (index, field) in list.enumerated() {
            let (name, nameLength) = store(field.name)
            let (value, valueLength) = store(field.value)
            // The library copies variable values and references all others.
            let isFixed = index != Self.date && index != Self.variable
            let flags =
                NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue | (isFixed ? NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue : 0)
            pairs.initializeElement(
                at: index,
                to: nghttp2_nv(
                    name: name,
                    value: value,
                    namelen: nameLength,
                    valuelen: valueLength,
                    flags: UInt8(flags)
                )
            )
        }
        self.pairs = UnsafeBufferPointer(pairs)
        self.text = text
    }

    deinit {
        pairs.deallocate()
        text.deallocate()
    }

    /// The memory size of the block.
    var sizeInBytes: Int { text.count + pairs.count * MemoryLayout<nghttp2_nv>.stride }
}
