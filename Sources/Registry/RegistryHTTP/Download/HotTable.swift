// SPDX-License-Identifier: Apache-2.0

/// Responses of one moment, keyed by request target, within limits.
struct HotTable {
    struct Limits {
        var bytes: Int64 = 32 * 1024 * 1024
        var openFiles = 128
        var answers = 8192

        /// Returns the share of each of several tables.
        func divided(by count: Int) -> Limits {
            Limits(
                bytes: max(bytes / Int64(count), 2 * HotFiles.largestBuffer),
                openFiles: max(openFiles / count, 4),
                answers: max(answers / count, 64)
            )
        }
    }

    private(set) var moment: HotFiles.Moment
    /// The responses by the hash of their target; on a collision, the later one replaces the earlier.
    private var answers: [Int: HotAnswer] = [:]
    private var bytes: Int64 = 0
    private var openFiles = 0

    var count: Int { answers.count }

    init(at moment: HotFiles.Moment) {
        self.moment = moment
    }

    /// Drops all entries if they belong to another moment.
    mutating func turn(to moment: HotFiles.Moment) {
        guard self.moment != moment else { return }
        self.moment = moment
        answers.removeAll()
        bytes = 0
        openFiles = 0
    }

    /// Returns the response to a target with the given hash.
    func answer(to target: UnsafeRawBufferPointer, _ hash: Int) -> HotAnswer? {
        guard let answer = answers[hash], unsafe answer.answers(target) else { return nil }
        return answer
    }

    /// Stores a response, and replaces an earlier one to the same target.
    mutating func keep(_ answer: HotAnswer, within limits: Limits) {
        drop(answer.hash)
        // The dictionary's order makes the evicted entries random.
        while let victim = answers.first?.key,
            answers.count >= limits.answers || bytes + answer.bytesInMemory > limits.bytes
                || (answer.isFile && openFiles >= limits.openFiles)
        {
            drop(victim)
        }
        answers[answer.hash] = answer
        bytes += answer.bytesInMemory
        openFiles += answer.isFile ? 1 : 0
    }

    private mutating func drop(_ hash: Int) {
        guard let answer = answers.removeValue(forKey: hash) else { return }
        bytes -= answer.bytesInMemory
        openFiles -= answer.isFile ? 1 : 0
    }
}
