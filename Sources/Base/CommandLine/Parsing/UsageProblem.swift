// SPDX-License-Identifier: Apache-2.0

/// A problem in a command line.
enum UsageProblem: Error {
    case invalidOption(String)
    case unknownOption(ArgumentName, known: [ArgumentName])
    case unexpectedValue(ArgumentName, String)
    case missingValue(ArgumentName, ArgumentDefinition)
    case invalidValue(String, ArgumentName?, ArgumentDefinition, String?)
    case excluded(ArgumentName, by: ArgumentName)
    case missing(ArgumentDefinition)
    case unexpected(String, known: [String])
    case unexpectedValues([String])
    /// A problem reported by the command's validation.
    case validation(String)
}

extension UsageProblem {
    /// The problem, in one sentence.
    var message: String {
        switch self {
        case .invalidOption(let text): "Invalid option: \(text)"
        case .unknownOption(let name, let known):
            "Unknown option '\(name)'" + Self.suggestion(like: name, of: known)
        case .unexpectedValue(let name, let value):
            "The option '\(name)' does not take any value, but '\(value)' was specified."
        case .missingValue(let name, let argument): "Missing value for '\(name) <\(argument.valueName)>'"
        case .invalidValue(let value, let name, let argument, let reason):
            "The value '\(value)' is invalid for '\(argument.synopsis(named: name))'"
                + (reason.map { ": \($0)" } ?? argument.valueList)
        case .excluded(let name, let earlier):
            "The flag '\(name)' conflicts with the flag '\(earlier)', which was given before"
        case .missing(let argument): "Missing expected argument '\(argument.requiredSynopsis)'"
        case .unexpected(let text, let known): "Unexpected argument '\(text)'" + Self.suggestion(like: text, of: known)
        case .unexpectedValues(let values):
            "\(values.count) unexpected arguments: '\(values.joined(separator: "', '"))'"
        case .validation(let message): message
        }
    }

    /// The help for the affected argument, in one line; empty when there is none.
    var help: String {
        switch self {
        case .missingValue(let name, let argument): "\(name) <\(argument.valueName)>  \(argument.abstract)"
        case .invalidValue(_, let name, let argument, _): "\(argument.synopsis(named: name))  \(argument.abstract)"
        case .missing(let argument): "\(argument.synopsis(named: argument.names.first))  \(argument.abstract)"
        default: ""
        }
    }

    private static func suggestion(like name: ArgumentName, of known: [ArgumentName]) -> String {
        guard !name.isShort else { return "" }
        let candidates = known.filter { !$0.isShort }.map { ($0, $0.description.distance(to: name.description)) }
        guard let best = candidates.min(by: { $0.1 < $1.1 }), best.1 < 4 else { return "" }
        return ". Did you mean '\(best.0)'?"
    }

    private static func suggestion(like word: String, of known: [String]) -> String {
        let candidates = known.map { ($0, $0.distance(to: word)) }
        guard let best = candidates.min(by: { $0.1 < $1.1 }), best.1 <= max(1, best.0.count / 3) else { return "" }
        return ". Did you mean '\(best.0)'?"
    }
}

extension ArgumentDefinition {
    /// The list of valid words, if the type lists them.
    fileprivate var valueList: String {
        guard let last = allValues.last else { return "" }
        let quoted = allValues.map { "'\($0)'" }
        switch quoted.count {
        case 1...2: return ". Please provide one of \(quoted.joined(separator: " and "))."
        case 3...5: return ". Please provide one of \(quoted.dropLast().joined(separator: ", ")) or '\(last)'."
        default:
            return ". Please provide one of the following:\n" + allValues.map { "  - \($0)" }.joined(separator: "\n")
        }
    }
}

extension String {
    /// Returns the edit distance to another text; swapping adjacent letters counts as one edit.
    func distance(to other: String) -> Int {
        let (left, right) = (Array(self), Array(other))
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                var best = last[column] + (left[row] == right[column] ? 0 : 1)
                best = Swift.min(best, last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    best = Swift.min(best, beforeLast[column - 1] + 1)
                }
                current.append(best)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
