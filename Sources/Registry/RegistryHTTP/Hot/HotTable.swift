// SPDX-License-Identifier: Apache-2.0

/// Answers of one moment by the targets that they answer, within bounds.
struct HotTable {
    struct Limits {
        var bytes: Int64 = 32 * 1024 * 1024
        var openFiles = 128
        var answers = 8192

        /// A part of it for each of so many tables.
        func divided(by count: Int) -> Limits {
            Limits(
                bytes: max(bytes / Int64(count), 2 * HotFiles.largestBuffer),
                openFiles: max(openFiles / count, 4),
                answers: max(answers / count, 64)
            )
        }
    }

    private(set) var moment: HotFiles.Moment
    /// By the hashes of the targets; of two that have the same, the later one is kept.
    private var answers: [Int: HotAnswer] = [:]
    private var bytes: Int64 = 0
    private var openFiles = 0

    var count: Int { answers.count }

    init(at moment: HotFiles.Moment) {
        self.moment = moment
    }

    /// Drops everything of another moment than this.
    mutating func turn(to moment: HotFiles.Moment) {
        guard self.moment != moment else { return }
        self.moment = moment
        answers.removeAll()
        bytes = 0
        openFiles = 0
    }

    /// The answer to a target, whose hash is given.
    func answer(to target: UnsafeRawBufferPointer, _ hash: Int) -> HotAnswer? {
        guard let answer = answers[hash], unsafe answer.answers(target) else { return nil }
        return answer
    }

    /// Keeps an answer in the place of an earlier one to the same target.
    mutating func keep(_ answer: HotAnswer, within limits: Limits) {
        drop(answer.hash)
        // The dictionary's order makes them random ones.
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
