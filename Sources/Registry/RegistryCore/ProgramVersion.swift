// SPDX-License-Identifier: Apache-2.0

/// The version of the program, which the command line, the server and the description of its interface tell.
package enum ProgramVersion {
    package static let current = "0.1.0"
}
