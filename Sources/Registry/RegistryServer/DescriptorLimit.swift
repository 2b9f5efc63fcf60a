// SPDX-License-Identifier: Apache-2.0

import Glibc

/// How many descriptors this process may have open.
struct DescriptorLimit {
    /// For content, databases and stores, however many clients there are.
    private static let reserve = 512
    /// More than any server needs; some systems have no limit.
    private static let most: rlim_t = 1 << 20

    let count: Int

    /// Raises the soft limit to the hard one; without a right to that, the limit stays what it is.
    static func raise() -> DescriptorLimit {
        var limits = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard unsafe getrlimit(resource, &limits) == 0 else { return DescriptorLimit(count: 1024) }
        let wanted = min(limits.rlim_max, most)
        if limits.rlim_cur < wanted {
            let before = limits.rlim_cur
            limits.rlim_cur = wanted
            if unsafe setrlimit(resource, &limits) != 0 { limits.rlim_cur = before }
        }
        return DescriptorLimit(count: Int(min(limits.rlim_cur, most)))
    }

    /// How many connections leave enough for everything else.
    func connections(atMost wanted: Int) -> Int {
        min(wanted, max(count - Self.reserve, count / 2))
    }
}
