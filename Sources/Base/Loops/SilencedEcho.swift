// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// A terminal whose echo is turned off.
///
/// The echo is restored when the process ends, except by SIGKILL, and while the process is stopped.
package struct SilencedEcho {
    private static let signals = [SIGINT, SIGQUIT, SIGHUP, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT]
    // The handler's data is set before a handler is installed; only one prompt exists at a time.
    nonisolated(unsafe) private static var settings = termios()
    nonisolated(unsafe) private static var silent = termios()
    nonisolated(unsafe) private static var handler = sigaction()
    private static let isActive = Atomic(false)

    /// The previous signal actions; nil for signals that stay ignored.
    private let actions: [sigaction?]

    /// Turns off the echo of standard input; returns nil when it is not a terminal.
    package init?() {
        // The kernel copies the structures, which outlive the calls.
        guard tcgetattr(STDIN_FILENO, &Self.settings) == 0 else { return nil }
        Self.silent = Self.settings
        Self.silent.c_lflag &= ~tcflag_t(ECHO)
        Self.handler.sa_flags = Int32(SA_RESTART)
        // Uses only async-signal-safe calls.
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

    /// Restores the terminal before the process ends or stops, and silences it again when the process continues.
    private static func handle(_ number: Int32) {
        if number == SIGCONT { return apply(&silent) }
        apply(&settings)
        // The default action does not stop a process that no shell could continue.
        _ = signal(number, SIG_DFL)
        var mask = sigset_t()
        sigemptyset(&mask)
        sigaddset(&mask, number)
        pthread_sigmask(SIG_UNBLOCK, &mask, nil)
        raise(number)
        // The process was stopped and has continued.
        _ = sigaction(number, &handler, nil)
        apply(&silent)
    }

    /// Changes the terminal unless another process group owns it, because the kernel would then stop this process.
    private static func apply(_ settings: inout termios) {
        let group = tcgetpgrp(STDIN_FILENO)
        guard isActive.load(ordering: .sequentiallyConsistent), group == -1 || group == getpgrp() else { return }
        _ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
    }

    /// Turns the echo on again.
    package func restore() {
        Self.isActive.store(false, ordering: .sequentiallyConsistent)
        _ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &Self.settings)
        for (number, action) in zip(Self.signals, actions) {
            guard var action else { continue }
            _ = sigaction(number, &action, nil)
        }
    }
}
