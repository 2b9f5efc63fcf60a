// SPDX-License-Identifier: Apache-2.0

/// The credentials for a store; their descriptions never show the secret parts.
package struct S3Credentials: Sendable, CustomStringConvertible, CustomReflectable {
    /// The name of the key, which is not secret.
    package let accessKey: String
    let secretKey: String
    /// The token that accompanies temporary keys.
    let sessionToken: String?

    package init(accessKey: String, secretKey: String, sessionToken: String? = nil) {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.sessionToken = sessionToken
    }

    package var description: String { "access key \(accessKey)" }

    package var customMirror: Mirror { Mirror(self, children: ["accessKey": accessKey]) }
}
