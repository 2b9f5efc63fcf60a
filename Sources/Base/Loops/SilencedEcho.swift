// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A terminal that does not show what is typed; it does again however the process ends, unless it is killed.
package struct SilencedEcho {
    private static let signals = [SIGINT, SIGQUIT, SIGHUP, SIGTERM]
    /// What a signal's handler gives the terminal back; there is one prompt at a time.
    nonisolated(unsafe) private static var settings = termios()

    private let actions: [sigaction]

    /// Silences standard input; nil when it is no terminal.
    package init?() {
        // The kernel copies the structures in and out, which outlive the calls.
        guard tcgetattr(STDIN_FILENO, &Self.settings) == 0 else { return nil }
        var handler = sigaction()
        // Only what may be called within a signal's handler.
        handler.__sigaction_handler.sa_handler = { number in
            _ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &SilencedEcho.settings)
            _ = signal(number, SIG_DFL)
            raise(number)
        }
        var actions: [sigaction] = []
        for number in Self.signals {
            var before = sigaction()
            _ = sigaction(number, &handler, &before)
            actions.append(before)
        }
        self.actions = actions
        var silent = Self.settings
        silent.c_lflag &= ~tcflag_t(ECHO)
        _ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
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
