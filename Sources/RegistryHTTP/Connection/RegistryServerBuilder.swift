// SPDX-License-Identifier: Apache-2.0

package import HummingbirdCore
import NIOCore
package import RegistryCore

extension HTTPServerBuilder {
    /// HTTP/1.1 with a guard on every connection.
    package static func registry(limits: Limits) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in
            HTTP1Channel(
                responder: responder,
                configuration: HTTP1Channel.Configuration(
                    additionalChannelHandlers: [FileSender(), ConnectionGuard(limits: limits)],
                    idleTimeout: TimeAmount(limits.idleTimeout),
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: 16 * 1024,
                        maxHeaderListSize: 32 * 1024,
                        maxHeaderFieldCount: 200
                    )
                )
            )
        }
    }
}
