// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Loops

/// A file range that is being sent to a client.
struct SendingFile {
    let content: any FileContent
    var offset: Int64
    var remaining: Int64
    /// The prepared response that contains the file, if any.
    let answer: ImmediateAnswer?
}

extension Connection {
    /// The maximum number of file bytes per event, for fairness.
    private static let fileQuantum = 2 << 20
    /// The maximum number of fills from HTTP/2 per event.
    private static let fillsPerEvent = 8
    /// The size from which the kernel is told to wait for full packets.
    private static let corkedSize: Int64 = 64 * 1024

    private enum Sent: Equatable {
        case all
        case blocked
        case turnIsOver
        case failed(CloseReason)
    }

    /// Sends pending output as far as the socket accepts it; returns false when the connection has closed.
    func send() -> Bool {
        while true {
            switch sendOnce() {
            case .all:
                return everythingSent()
            case .blocked, .turnIsOver:
                updateInterest()
                return true
            case .failed(let reason):
                close(reason)
                return false
            }
        }
    }

    private func sendOnce() -> Sent {
        if let tls, tls.isBlocked {
            let flushed = flush(tls)
            guard flushed == .all else {
                keepOutput()
                return flushed
            }
        }
        while !pending.isEmpty {
            var isBlocked = false
            var hasFailed = false
            pending.send { bytes in
                let count = sendToSocket(bytes, more: false)
                hasFailed = count < 0
                isBlocked = count >= 0 && count < bytes.count
                if count > 0 { noteProgress() }
                return max(count, 0)
            }
            if hasFailed { return .failed(.brokenOff) }
            if isBlocked {
                keepOutput()
                return .blocked
            }
        }
        let prepared = sendPrepared(more: file != nil)
        guard prepared == .all else { return prepared }
        let sent = file == nil ? sendHTTP2() : tls == nil ? sendFile() : encryptFile()
        guard sent == .all || sent == .turnIsOver, let tls else { return sent }
        let flushed = flush(tls)
        return flushed == .all ? sent : flushed
    }

    /// Sends the prepared bytes, and keeps those that the socket does not accept yet.
    private func sendPrepared(more: Bool) -> Sent {
        let output = context.output
        guard !output.isEmpty else { return .all }
        defer { output.removeAll() }
        let count = sendToSocket(output.bytes, more: more)
        guard count >= 0 else { return .failed(.brokenOff) }
        if count > 0 { noteProgress() }
        guard count < output.count else { return .all }
        pending.append(Array(output.bytes[count...]))
        return .blocked
    }

    /// Sends the frames of HTTP/2 streams, a bounded number of times.
    private func sendHTTP2() -> Sent {
        guard let http2 else { return .all }
        let output = context.output
        hasMoreFrames = false
        for _ in 0..<Self.fillsPerEvent {
            let hasMore = http2.fill(output)
            guard !output.isEmpty else { return .all }
            let sent = sendPrepared(more: false)
            guard sent == .all else { return sent }
            guard hasMore else { return .all }
        }
        hasMoreFrames = true
        return .turnIsOver
    }

    private func flush(_ tls: TLSConnection) -> Sent {
        let waiting = tls.kept.count - tls.keptStart
        switch tls.flush() {
        case .sent: return .all
        case .blocked:
            if tls.kept.count - tls.keptStart < waiting { noteProgress() }
            return .blocked
        case .failed: return .failed(.brokenOff)
        }
    }

    /// Sends a file over TLS as far as the socket accepts it.
    private func encryptFile() -> Sent {
        guard var sending = file else { return .all }
        let buffer = context.fileBuffer
        var quantum = Self.fileQuantum
        while sending.remaining > 0, quantum > 0 {
            let wanted = Int(min(sending.remaining, Int64(buffer.count)))
            let count = pread(sending.content.descriptor, buffer.baseAddress, wanted, off_t(sending.offset))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return .failed(.bodyFailed) }
            let sent = sendToSocket(UnsafeRawBufferPointer(rebasing: buffer[..<count]), more: false)
            guard sent >= 0 else { return .failed(.brokenOff) }
            sending.offset += Int64(sent)
            sending.remaining -= Int64(sent)
            quantum -= sent
            if sent > 0 { noteProgress() }
            guard sent == count else {
                file = sending
                return .blocked
            }
        }
        file = sending
        guard sending.remaining == 0 else { return .turnIsOver }
        endFile(isComplete: true)
        return .all
    }

    /// Moves the gathered bytes behind the pending ones, because the next connection uses the buffer.
    private func keepOutput() {
        guard !context.output.isEmpty else { return }
        pending.append(Array(context.output.bytes))
        context.output.removeAll()
    }

    /// Returns the number of bytes that the socket accepted; -1 on failure.
    private func sendToSocket(_ bytes: UnsafeRawBufferPointer, more: Bool) -> Int {
        if let tls {
            switch tls.write(bytes) {
            case .bytes(let count): return count
            case .wantsRead, .wantsWrite: return 0
            case .closed, .failed: return -1
            }
        }
        var done = 0
        while done < bytes.count {
            let start = bytes.baseAddress.map { $0 + done }
            let count = linux_send(descriptor, start, bytes.count - done, more ? 1 : 0)
            if count >= 0 {
                done += count
            } else if errno == EAGAIN {
                return done
            } else if errno != EINTR {
                return -1
            }
        }
        return done
    }

    private func sendFile() -> Sent {
        guard var sending = file else { return .all }
        if !isCorked, isTCP, sending.remaining > Self.corkedSize { cork(true) }
        var quantum = Self.fileQuantum
        while sending.remaining > 0, quantum > 0 {
            var offset = off_t(sending.offset)
            let count = sendfile(
                descriptor,
                sending.content.descriptor,
                &offset,
                Int(min(sending.remaining, Int64(quantum)))
            )
            if count > 0 {
                sending.offset += Int64(count)
                sending.remaining -= Int64(count)
                quantum -= count
                noteProgress()
            } else if count == 0 {
                // The file is shorter than announced, so the connection must be closed.
                return .failed(.bodyFailed)
            } else if errno == EAGAIN {
                file = sending
                return .blocked
            } else if errno != EINTR {
                return .failed([EPIPE, ECONNRESET, ETIMEDOUT, ENOTCONN].contains(errno) ? .brokenOff : .bodyFailed)
            }
        }
        file = sending
        guard sending.remaining == 0 else { return .turnIsOver }
        if isCorked { cork(false) }
        endFile(isComplete: true)
        return .all
    }

    /// Releases a file that is sent or abandoned.
    func endFile(isComplete: Bool) {
        guard let ended = file else { return }
        file = nil
        if let answer = ended.answer { context.answers?.ended(answer, isComplete: isComplete) }
    }

    private func cork(_ isOn: Bool) {
        isCorked = isOn
        var value: Int32 = isOn ? 1 : 0
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_CORK, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Resumes waiting writers; returns false when the connection has closed.
    private func everythingSent() -> Bool {
        if !whenDrained.isEmpty {
            let waiting = whenDrained
            whenDrained = []
            for continuation in waiting { continuation.resume() }
        }
        if let http2 {
            http2.drained()
            if http2.isFinished {
                endReason = http2.closeReason ?? .clientClosed
                linger()
            }
        } else if closesAfterAnswer, exchange == nil {
            linger()
        }
        if lingering != nil { halfClose() }
        // Every path that drains the output resumes the pipelined requests; within `process`, `unread` is empty.
        if exchange == nil { useUnread() }
        updateInterest()
        return !isClosed
    }
}
