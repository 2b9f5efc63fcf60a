// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import Testing

@Suite("Content-Disposition", .timeLimit(.minutes(15)))
struct ContentDispositionTests {
    @Test(
        "a name is sent so that every client saves it under that name",
        arguments: [
            ("tool-1.0.tar.gz", "attachment; filename=tool-1.0.tar.gz"),
            ("a!#$&+.^_~-", "attachment; filename=a!#$&+.^_~-"),
            ("a b;c+d.bin", "attachment; filename=\"a b;c+d.bin\""),
            ("(1)[2]{3}=:@", "attachment; filename=\"(1)[2]{3}=:@\""),
            ("100%25.bin", "attachment; filename=100%25.bin; filename*=UTF-8''100%2525.bin"),
            ("a\"b\\c", "attachment; filename=\"a\\\"b\\\\c\"; filename*=UTF-8''a%22b%5Cc"),
            ("€ rates", "attachment; filename=\"_ rates\"; filename*=UTF-8''%E2%82%AC%20rates"),
            ("a\r\nX: y", "attachment; filename=\"a__X: y\"; filename*=UTF-8''a%0D%0AX%3A%20y"),
            ("", "attachment; filename=\"\""),
        ]
    )
    func names(_ name: String, _ header: String) {
        #expect(ContentDisposition.attachment(name) == header)
    }
}
