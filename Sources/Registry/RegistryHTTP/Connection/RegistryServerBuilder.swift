// SPDX-License-Identifier: Apache-2.0

package import HummingbirdCore
import HummingbirdHTTP2
import NIOCore
package import NIOSSL
package import RegistryCore

extension HTTPServerBuilder {
    /// Plain HTTP/1.1, where files are sent by the kernel and recent downloads are answered on the event loop.
    package static func plain(limits: Limits, hot: HotAnswers) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in
            HTTP1Channel(responder: responder, configuration: .registry { handlers(limits, hot) })
        }
    }

    private static func handlers(_ limits: Limits, _ hot: HotAnswers) -> [any RemovableChannelHandler] {
        let guardian = ConnectionGuard(limits: limits)
        let hotFiles = HotFileHandler(answers: hot, guardian: guardian)
        return [FileSender(), guardian, BelowCodecInstaller([hotFiles, MessageRules()])]
    }

    /// HTTP/2 and HTTP/1.1 over TLS, where every byte passes through this process.
    package static func tls(limits: Limits, configuration: TLSConfiguration) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in
            TLSChannel(
                inner: try HTTP2UpgradeChannel(
                    tlsConfiguration: configuration,
                    configuration: HTTP2ChannelConfiguration(
                        idleTimeout: limits.idleTimeout,
                        gracefulCloseTimeout: limits.shutdownTimeout,
                        streamConfiguration: .registry {
                            [ConnectionGuard(limits: limits), BelowCodecInstaller([MessageRules()])]
                        }
                    ),
                    responder: responder
                )
            )
        }
    }
}

extension HTTP1Channel.Configuration {
    fileprivate static func registry(
        _ handlers: @escaping @Sendable () -> [any RemovableChannelHandler]
    ) -> HTTP1Channel.Configuration {
        HTTP1Channel.Configuration(
            additionalChannelHandlers: handlers(),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: 16 * 1024,
                maxHeaderListSize: 32 * 1024,
                maxHeaderFieldCount: 200
            )
        )
    }
}
