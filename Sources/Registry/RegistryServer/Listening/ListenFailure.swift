// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTPServer

/// Why the server cannot listen.
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

    /// None of systemd's sockets is there.
    static let nothingHandedOver = ListenFailure(
        place: "the sockets of systemd",
        reason: "none was handed over, which a socket unit does when it starts the service"
    )

    private init(place: String, reason: String) {
        self.place = place
        self.reason = reason
    }

    var description: String { "could not listen on \(place): \(reason); choose another address with --listen" }

    private static func reason(_ code: Int32, isFile: Bool) -> String {
        switch code {
        case EADDRINUSE: "another program listens there"
        case EADDRNOTAVAIL, EAFNOSUPPORT: "this machine does not have that address"
        case EACCES, EPERM, EROFS: "this user may not"
        case ENAMETOOLONG: "its path is longer than 107 bytes"
        case ENOENT, ENOTDIR: "its folder does not exist"
        case ENOTSOCK where isFile: "something that is no socket is in its place"
        case EWOULDBLOCK where isFile: "another program keeps its folder locked"
        case ENOTSOCK, EBADF, EINVAL: "it is no listening socket"
        case 0: "the name has no address"
        default: "the system refuses it (error \(code))"
        }
    }
}
