// SPDX-License-Identifier: Apache-2.0

import CCurl

/// The version of libcurl that is loaded, which may be another than the one that was built against.
enum CurlVersion {
    /// Nil when it is one that works; else a sentence that says what is needed.
    static var problem: String? {
        guard let info = curl_information() else {
            return "the library libcurl.so.4 is not on this machine: install the package libcurl4"
        }
        return problem(of: info.pointee.version_num, called: String(cString: info.pointee.version))
    }

    static func problem(of number: UInt32, called name: String) -> String? {
        // CURLOPT_PREREQFUNCTION.
        guard number < 0x07_50_00 else { return nil }
        return "libcurl \(name) is too old: version 7.80 or later is needed; install it with the system's packages"
    }
}
