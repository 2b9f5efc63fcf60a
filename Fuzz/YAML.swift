// SPDX-License-Identifier: Apache-2.0

@testable import YAML

/// Configuration files: no bytes trap, and every refusal names a line.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzz(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeRawBufferPointer(start: start, count: count))
    do throws(YAMLError) {
        _ = try YAMLReader().read(bytes)
    } catch {
        precondition(error.line > 0 && !error.problem.isEmpty, "a refusal without a place")
    }
    return 0
}
