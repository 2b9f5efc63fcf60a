// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// A terminal that does not show what is typed.
///
/// It does again however the process ends, unless it is killed, and while the process is stopped.
package struct SilencedEcho {
    private static let signals = [SIGINT, SIGQUIT, SIGHUP, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT]
    // What a signal's handler needs is set before there is one; there is one prompt at a time.
    nonisolated(unsafe) private static var settings = termios()
    nonisolated(unsafe) private static var silent = termios()
    nonisolated(unsafe) private static var handler = sigaction()
    private static let isActive = Atomic(false)

    /// What the signals did before; nil for those that stay ignored.
    private let actions: [sigaction?]

    /// Silences standard input; nil when it is no terminal.
    package init?() {
        // The kernel copies the structures in and out, which outlive the calls.
        guard tcgetattr(STDIN_FILENO, &Self.settings) == 0 else { return nil }
        Self.silent = Self.settings
        Self.silent.c_lflag &= ~tcflag_t(ECHO)
        Self.handler.sa_flags = Int32(SA_RESTART)
        // Only what may be called within a signal's handler.
        Self.handler.__sigaction_handler.sa_handler = { number in
            let saved = errno
            SilencedEcho.handle(number)
            errno = saved
        }
        Self.isActive.store(true, ordering: .sequentiallyConsistent)
        actions = Self.signals.map { number in
            var before = sigaction()
            _ = sigaction(number, nil, &before)
            let isIgnored =
                before.__sigaction_handler.sa_handler.map { unsafeBitCast($0, to: Int.self) } == Self.ignored
            guard !isIgnored else { return nil }
            _ = sigaction(number, &Self.handler, nil)
            return before
        }
        _ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &Self.silent)
    }

    /// `SIG_IGN` as a number.
    private static let ignored = unsafeBitCast(SIG_IGN, to: Int.self)

    /// Gives the terminal back before the process ends or stops, and takes it again when it goes on.
    private static func handle(_ number: Int32) {
        if number == SIGCONT { return apply(&silent) }
        apply(&settings)
        // The default action now, which leaves alone a process that no shell could let go on.
        _ = signal(number, SIG_DFL)
        var mask = sigset_t()
        sigemptyset(&mask)
        sigaddset(&mask, number)
        pthread_sigmask(SIG_UNBLOCK, &mask, nil)
        raise(number)
        // It was stopped, and goes on.
        _ = sigaction(number, &handler, nil)
        apply(&silent)
    }

    /// Changes the terminal unless another group of processes has it, for which this one would be stopped.
    private static func apply(_ settings: inout termios) {
        let group = tcgetpgrp(STDIN_FILENO)
        guard isActive.load(ordering: .sequentiallyConsistent), group == -1 || group == getpgrp() else { return }
        _ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
    }

    /// Shows again what is typed.
    package func restore() {
        Self.isActive.store(false, ordering: .sequentiallyConsistent)
        _ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &Self.settings)
        for (number, action) in zip(Self.signals, actions) {
            guard var action else { continue }
            _ = sigaction(number, &action, nil)
        }
    }
}
