// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import RegistryServer

@Suite("How many connections there may be", .timeLimit(.minutes(15)))
struct ConnectionLimitTests {
    @Test(
        "content, databases and stores keep 512 descriptors, or half of them where there are few",
        arguments: [
            (4096, 65_536, 4096), (4096, 4608, 4096), (4096, 4607, 4095), (4096, 1024, 512), (4096, 100, 50),
            (10, 100, 10),
        ]
    )
    func limit(_ wanted: Int, _ descriptors: Int, _ expected: Int) {
        #expect(RegistryProcess.connections(wanted, descriptors: descriptors) == expected)
    }
}
