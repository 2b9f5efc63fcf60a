// SPDX-License-Identifier: Apache-2.0

import HTTPServer

/// The values of the setting `listen`, converted for the HTTP server.
struct ListenSockets {
    /// The mode of Unix sockets: the owner and the group may connect.
    private static let permissions: UInt32 = 0o660

    private(set) var addresses: [ListenAddress] = []
    /// The setting's value behind each address.
    private(set) var places: [ListenPlace] = []
    private var files: [UnixSocketFile] = []

    /// Creates the Unix sockets, and finds those passed by systemd.
    ///
    /// On failure, this throws `ListenFailure` and removes the sockets again.
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

    /// Returns the failure of an address, as written in the setting.
    func failure(_ error: ListenError) -> ListenFailure {
        let index = addresses.firstIndex(of: error.address)
        return ListenFailure(index.map { places[$0] } ?? .systemd, error)
    }
}

extension ListenAddress {
    /// Returns the address for the log, as a URL if possible.
    func shown(scheme: String) -> String {
        switch self {
        case .tcp: "\(scheme)://\(self)"
        case .unix, .inherited: description
        }
    }

    /// Whether clients can reach the server at a URL with this address, which must not be a wildcard.
    var isReachable: Bool {
        guard case .tcp(let host, _) = self else { return false }
        return host != "*" && !host.allSatisfy { "0.:".contains($0) }
    }
}
