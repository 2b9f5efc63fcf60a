// SPDX-License-Identifier: Apache-2.0

import HTTPServer

/// The places of the setting `listen` as the HTTP server takes them.
struct ListenSockets {
    /// Who may connect to a socket in the file system: its owner and the owner's group.
    private static let permissions: UInt32 = 0o660

    private(set) var addresses: [ListenAddress] = []
    /// Where each address comes from.
    private(set) var places: [ListenPlace] = []
    private var files: [UnixSocketFile] = []

    /// Makes the sockets in the file system, and finds those that systemd hands over.
    ///
    /// Throws `ListenFailure`, and leaves nothing behind then.
    init(_ places: [ListenPlace], environment: [String: String]) throws {
        do {
            for place in places { try add(place, environment) }
        } catch {
            removeFiles()
            throw error
        }
    }

    private mutating func add(_ place: ListenPlace, _ environment: [String: String]) throws {
        var found: [ListenAddress] = []
        do throws(ListenError) {
            switch place {
            case .tcp(let host, let port): found = [.tcp(host: host, port: port)]
            case .unix(let path):
                let file = try UnixSocketFile(path: path, permissions: Self.permissions)
                files.append(file)
                found = [.inherited(descriptor: file.descriptor)]
            case .systemd: found = try HandedOverSockets.find(in: environment)
            }
        } catch {
            throw ListenFailure(place, error)
        }
        guard !found.isEmpty else { throw ListenFailure.nothingHandedOver }
        addresses += found
        self.places += found.map { _ in place }
    }

    /// Removes the files of the sockets.
    func removeFiles() { for file in files { file.remove() } }

    /// The failure of one of the addresses, as the person wrote it.
    func failure(_ error: ListenError) -> ListenFailure {
        let index = addresses.firstIndex(of: error.address)
        return ListenFailure(index.map { places[$0] } ?? .systemd, error)
    }
}

extension ListenAddress {
    /// The address as a URL where it is one, for the log.
    func shown(scheme: String) -> String {
        switch self {
        case .tcp: "\(scheme)://\(self)"
        case .unix, .inherited: description
        }
    }

    /// Whether a URL with it leads to the server: it is one address, and not all that the machine has.
    var isReachable: Bool {
        guard case .tcp(let host, _) = self else { return false }
        return host != "*" && !host.allSatisfy { "0.:".contains($0) }
    }
}
