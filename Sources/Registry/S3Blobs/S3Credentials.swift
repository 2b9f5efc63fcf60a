// SPDX-License-Identifier: Apache-2.0

/// What a store knows this registry by; its descriptions never show the secret parts.
package struct S3Credentials: Sendable, CustomStringConvertible, CustomReflectable {
    /// Names the key, and is no secret.
    package let accessKey: String
    let secretKey: String
    /// Comes with temporary keys.
    let sessionToken: String?

    package init(accessKey: String, secretKey: String, sessionToken: String? = nil) {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.sessionToken = sessionToken
    }

    package var description: String { "access key \(accessKey)" }

    package var customMirror: Mirror { Mirror(self, children: ["accessKey": accessKey]) }
}
