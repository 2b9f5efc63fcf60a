// SPDX-License-Identifier: Apache-2.0

@testable import S3Blobs

/// The answers of S3 stores: no text traps or nests without end.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzz(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    _ = XMLReader.read(text)
    return 0
}
