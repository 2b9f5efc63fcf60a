// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import RegistryCore
import RegistryStorage

/// The error of a store that the registry cannot use and that prevents the server's start.
package struct S3Unusable: Error, CustomStringConvertible {
    /// The failed operation and the remedy.
    package let description: String
}

/// The startup check that a store supports everything the registry needs; it uses a small probe key.
struct S3Probe: Sendable {
    struct Findings: Sendable {
        var refusesToOverwrite = false
        /// One sentence per missing feature that the registry can do without.
        var lacks: [String] = []
    }

    private static let content = Array("granary checks whether this store can be used".utf8)

    let client: S3Client
    private let key: String

    init(client: S3Client) {
        self.client = client
        key = "\(client.location.prefix)probe/\(UploadID.random())"
    }

    func run() async throws -> Findings {
        do {
            try await write()
            let findings: Findings
            do {
                try await read()
                findings = try await conditions()
                try await list()
            } catch {
                // Report the first error, even when the key cannot be removed.
                try? await remove()
                throw error
            }
            try await remove()
            return findings
        } catch let error as BlobStoreError {
            throw S3Unusable(description: "the S3 store cannot be used: \(error)")
        }
    }

    private func write() async throws {
        let answer = try await client.send(put("write"))
        guard answer.entityTag != nil else { throw unlike("write", "the response has no ETag") }
    }

    private func read() async throws {
        let whole = try await client.send(request(.get, "read"))
        guard Array(whole.body.utf8) == Self.content else { throw unlike("read", "it returns other bytes") }
        var part = request(.get, "read a range of")
        part.headers = [("range", "bytes=1-3")]
        let range = try await client.send(part)
        guard range.status == 206, Array(range.body.utf8) == Array(Self.content[1...3]) else {
            throw unlike("read a range of", "it does not return the range")
        }
    }

    private func conditions() async throws -> Findings {
        var findings = Findings()
        var damaged = put("write")
        // The digest of empty content.
        damaged.headers = [("content-md5", "1B2M2Y8AsgTpgAmyPhCfZg==")]
        damaged.body = .unchecked(Self.content)
        if try await client.send(damaged, accepting: { [400, 501].contains($0.status) }).refusal == nil {
            findings.lacks.append("the S3 store accepts bodies that do not match their MD5")
        }
        var second = put("write")
        second.headers = [("if-none-match", "*")]
        let answer = try await client.send(second, accepting: { [400, 409, 412, 501].contains($0.status) })
        findings.refusesToOverwrite = answer.status == 412
        if !findings.refusesToOverwrite {
            findings.lacks.append(
                "the S3 store does not support If-None-Match for PUT: each publish needs one more request"
            )
        }
        return findings
    }

    private func list() async throws {
        let prefix = [("list-type", "2"), ("max-keys", "1"), ("prefix", key)]
        let request = S3Request(method: .get, key: nil, query: prefix, purpose: "list keys")
        let found = try await client.send(request).document?.all("Contents").first?["Key"]
        guard found == key else { throw unlike("list", "it does not list the written key") }
    }

    private func remove() async throws {
        _ = try await client.send(request(.delete, "remove")) { $0.storeCode == .missing }
    }

    private func put(_ verb: String) -> S3Request {
        var request = request(.put, verb)
        request.body = .bytes(Self.content)
        return request
    }

    private func request(_ method: HTTPRequest.Method, _ verb: String) -> S3Request {
        S3Request(method: method, key: key, purpose: "\(verb) a key")
    }

    private func unlike(_ verb: String, _ what: String) -> BlobStoreError {
        BlobStoreError(
            .other,
            "could not \(verb) a key in \(client.location): \(what), unlike an S3 store; check s3.endpoint"
        )
    }
}
