// SPDX-License-Identifier: Apache-2.0

/// The version of the program, shown by the command line, the server and the API description.
package enum ProgramVersion {
    package static let current = "0.1.0"
}
