// SPDX-License-Identifier: Apache-2.0

import CNGHTTP2
import Glibc

/// The version of nghttp2 that is loaded at run time, which may differ from the build-time version.
package enum NGHTTP2Version {
    /// The newest functions in use; distributions backport them to earlier versions, because they limit floods.
    private static let newest = ["nghttp2_option_set_stream_reset_rate_limit", "nghttp2_option_set_max_continuations"]

    /// An error message when nghttp2 is too old; nil when it is usable.
    package static var problem: String? {
        guard let info = nghttp2_version(0) else { return nil }
        return problem(
            of: info.pointee.version_num,
            called: String(cString: info.pointee.version_str),
            hasNewest: newest.allSatisfy { dlsym(nil, $0) != nil }
        )
    }

    static func problem(of number: Int32, called name: String, hasNewest: Bool) -> String? {
        guard number < 0x01_34_00 || !hasNewest else { return nil }
        return "nghttp2 \(name) is too old: version 1.61 or later is needed, or 1.52 with its security fixes; "
            + "install it with the system's packages"
    }
}
