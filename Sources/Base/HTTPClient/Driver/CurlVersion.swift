// SPDX-License-Identifier: Apache-2.0

import CCurl

/// The version of libcurl that is loaded at run time, which may differ from the build-time version.
enum CurlVersion {
    /// An error message when libcurl is missing or too old; nil when it is usable.
    static var problem: String? {
        guard let info = curl_information() else {
            return "libcurl.so.4 is not installed: install the package libcurl4"
        }
        return problem(of: info.pointee.version_num, called: String(cString: info.pointee.version))
    }

    static func problem(of number: UInt32, called name: String) -> String? {
        // `CURLOPT_PREREQFUNCTION` requires 7.80.
        guard number < 0x07_50_00 else { return nil }
        return "libcurl \(name) is too old: version 7.80 or later is needed; install it with the system's packages"
    }
}
