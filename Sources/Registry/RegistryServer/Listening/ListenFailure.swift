// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTPServer
import Loops

/// The reason why the server cannot listen.
struct ListenFailure: Error, CustomStringConvertible {
    let place: String
    let reason: String

    init(_ place: ListenPlace, _ error: ListenError) {
        switch error.address {
        case .inherited(let descriptor) where place == .systemd: self.place = "descriptor \(descriptor) of systemd"
        default: self.place = place.description
        }
        reason = Self.reason(error.code, isFile: self.place.hasPrefix("unix:"))
    }

    /// The error when systemd passed no sockets.
    static let nothingHandedOver = ListenFailure(
        place: "the sockets of systemd",
        reason: "systemd passed none; start the service from its socket unit"
    )

    private init(place: String, reason: String) {
        self.place = place
        self.reason = reason
    }

    var description: String { "cannot listen on \(place): \(reason); choose another address with --listen" }

    private static func reason(_ code: Int32, isFile: Bool) -> String {
        switch code {
        case EADDRINUSE: "the address is already in use"
        case EADDRNOTAVAIL, EAFNOSUPPORT: "this machine does not have that address"
        case EACCES, EPERM, EROFS: "permission denied"
        case ENAMETOOLONG: "its path is longer than 107 bytes"
        case ENOENT, ENOTDIR: "its folder does not exist"
        case ENOTSOCK where isFile: "an existing file at its path is not a socket"
        case EWOULDBLOCK where isFile: "another program holds the lock on its folder"
        case ENOTSOCK, EBADF, EINVAL: "it is not a listening socket"
        case 0: "the host name has no address"
        default: SystemError.reason(code)
        }
    }
}
