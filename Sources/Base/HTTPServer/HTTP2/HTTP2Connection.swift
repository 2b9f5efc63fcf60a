// SPDX-License-Identifier: Apache-2.0
final class HTTP2Connection {
    init(host: any HTTP2Host) {}
    func receive(_ bytes: UnsafeRawBufferPointer) {}
    func fill(_ output: OutputBuffer) -> Bool { false }
    func drained() {}
    var isFinished: Bool { false }
    func tick(now: Int64) {}
    func shutDown() {}
    func connectionLost() {}
}
