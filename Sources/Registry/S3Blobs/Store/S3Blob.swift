// SPDX-License-Identifier: Apache-2.0

import HTTPClient
import RegistryStorage
import Synchronization

/// Content whose first response has started.
struct S3Blob: OpenBlob {
    let source: S3Content
    let sizeInBytes: Int64
    let first: FirstAnswer

    var localFile: LocalFile? { nil }

    func read(_ range: Range<Int64>) -> any AsyncSequence<[UInt8], any Error> & Sendable {
        S3BlobPieces(blob: self, range: range)
    }
}

/// The response that opened the content, for a reader of exactly its range; it is closed when no reader takes it.
final class FirstAnswer: Sendable {
    private let answer: Mutex<S3Content.Answer?>

    init(_ answer: S3Content.Answer) {
        self.answer = Mutex(answer)
    }

    func take(_ range: Range<Int64>) -> S3Content.Answer? {
        answer.withLock { answer in
            guard let found = answer, found.range == range else { return nil }
            answer = nil
            return found
        }
    }
}

/// The pieces of a range, read from the store at the reader's pace.
///
/// A broken response is resumed with another request, up to a number of times in a row. The reader gets every byte or an error.
private struct S3BlobPieces: AsyncSequence, Sendable {
    let blob: S3Blob
    let range: Range<Int64>

    func makeAsyncIterator() -> Iterator { Iterator(blob: blob, rest: range) }

    struct Iterator: AsyncIteratorProtocol {
        private static let breaksInARow = 3

        private let blob: S3Blob
        private var rest: Range<Int64>
        private var body: HTTPClientResponse.Body.Iterator?
        private var breaks = 0

        init(blob: S3Blob, rest: Range<Int64>) {
            self.blob = blob
            self.rest = rest
        }

        mutating func next() async throws -> [UInt8]? {
            guard rest.upperBound <= blob.sizeInBytes else {
                throw BlobStoreError(.missing, "content \(blob.source.key) ends at byte \(blob.sizeInBytes)")
            }
            while !rest.isEmpty {
                if body == nil { body = try await answer().body.makeAsyncIterator() }
                do {
                    if let piece = try await body?.next() { return try taken(piece) }
                    throw S3Failure(.noAnswer("the response ended early"))
                } catch {
                    let failure = try S3Failure(error)
                    body = nil
                    breaks += 1
                    guard breaks < Self.breaksInARow else { throw blob.source.error(failure) }
                }
            }
            return nil
        }

        private mutating func taken(_ piece: [UInt8]) throws -> [UInt8] {
            guard piece.count <= rest.count else {
                throw blob.source.error(S3Failure(.wrongAnswer("the store sent more bytes than requested")))
            }
            rest = (rest.lowerBound + Int64(piece.count))..<rest.upperBound
            breaks = 0
            return piece
        }

        /// Returns a response whose body is the rest of the range.
        private func answer() async throws -> S3Content.Answer {
            let answer: S3Content.Answer
            if let first = blob.first.take(rest) {
                answer = first
            } else {
                answer = try await blob.source.request(rest)
            }
            guard answer.sizeInBytes == blob.sizeInBytes else {
                throw blob.source.error(S3Failure(.wrongAnswer("the size of the content has changed")))
            }
            return answer
        }
    }
}

extension S3Content {
    fileprivate func error(_ failure: S3Failure) -> BlobStoreError {
        failure.error(of: "read content \(key)", at: client.location)
    }
}
