// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A terminal that does not show what is typed; it does again however the process ends, unless it is killed.
package struct SilencedEcho {
    private static let signals = [SIGINT, SIGQUIT, SIGHUP, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT]
    /// What a signal's handler gives the terminal back; there is one prompt at a time.
    nonisolated(unsafe) private static var settings = termios()
    /// What it has while a secret is typed.
    nonisolated(unsafe) private static var silent = termios()

    private let actions: [sigaction]

    /// Silences standard input; nil when it is no terminal.
    package init?() {
        // The kernel copies the structures in and out, which outlive the calls.
        guard tcgetattr(STDIN_FILENO, &Self.settings) == 0 else { return nil }
        var handler = sigaction()
        // Only what may be called within a signal's handler.
        handler.__sigaction_handler.sa_handler = { number in
            let saved = errno
            SilencedEcho.handle(number)
            errno = saved
        }
        handler.sa_flags = Int32(SA_RESTART)
        var actions: [sigaction] = []
        for number in Self.signals {
            var before = sigaction()
            _ = sigaction(number, &handler, &before)
            actions.append(before)
        }
        self.actions = actions
        Self.silent = Self.settings
        Self.silent.c_lflag &= ~tcflag_t(ECHO)
        _ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &Self.silent)
    }

    /// Gives the terminal back before the process ends or stops, and takes it again when it goes on.
    private static func handle(_ number: Int32) {
        guard number != SIGCONT else {
            // From the background this would stop the process again; the shell says when it is in the foreground.
            if tcgetpgrp(STDIN_FILENO) == getpgrp() { _ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) }
            return
        }
        if tcgetpgrp(STDIN_FILENO) == getpgrp() { _ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings) }
        guard number == SIGTSTP || number == SIGTTIN || number == SIGTTOU else {
            _ = signal(number, SIG_DFL)
            raise(number)
            return
        }
        // This handler comes again after the stop.
        kill(getpid(), SIGSTOP)
    }

    /// Shows again what is typed.
    package func restore() {
        _ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &Self.settings)
        for (number, action) in zip(Self.signals, actions) {
            var action = action
            _ = sigaction(number, &action, nil)
        }
    }
}
