// SPDX-License-Identifier: Apache-2.0

extension Logger {
    /// The severity of a log line, in ascending order.
    package enum Level: String, CaseIterable, Comparable, Sendable {
        case trace
        case debug
        case info
        case notice
        case warning
        case error
        case critical

        package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

        private var rank: Int {
            switch self {
            case .trace: 0
            case .debug: 1
            case .info: 2
            case .notice: 3
            case .warning: 4
            case .error: 5
            case .critical: 6
            }
        }

        /// The level as written in a line, with surrounding spaces.
        var mark: StaticString {
            switch self {
            case .trace: " trace "
            case .debug: " debug "
            case .info: " info "
            case .notice: " notice "
            case .warning: " warning "
            case .error: " error "
            case .critical: " critical "
            }
        }
    }
}
