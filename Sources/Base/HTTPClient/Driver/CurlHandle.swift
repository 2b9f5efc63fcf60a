// SPDX-License-Identifier: Apache-2.0

import CCurl
import COpenSSL

/// A libcurl "easy handle", which is one transfer, and the memory it refers to; confined to the client's thread.
final class CurlHandle {
    /// The handle that libcurl functions expect.
    let pointer: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>
    private var fieldList: UnsafeMutablePointer<curl_slist>?

    /// Returns nil when memory is exhausted.
    init?() {
        guard let pointer = curl_handle() else { return nil }
        self.pointer = pointer
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        curl_set_pointer(pointer, CURLOPT_ERRORBUFFER, errorText)
    }

    deinit {
        curl_handle_free(pointer)
        curl_list_free(fieldList)
        errorText.deallocate()
    }

    /// libcurl's description of a failure; searched for known words, never shown.
    var explanation: String { String(cString: errorText) }

    func set(_ option: CURLoption, _ value: Int) { curl_set_number(pointer, option, value) }

    /// Sets an option to a size in bytes.
    func set(_ option: CURLoption, bytes: Int64) { curl_set_offset(pointer, option, bytes) }

    /// Sets an option to a text; nil unsets it.
    func set(_ option: CURLoption, _ text: String?) { curl_set_text(pointer, option, text) }

    /// Sets the header lines, such as `Accept: text/plain`; the handle keeps them alive.
    func setFields(_ lines: [String]) {
        for line in lines {
            if let longer = curl_list_append(fieldList, line) { fieldList = longer }
        }
        curl_set_pointer(pointer, CURLOPT_HTTPHEADER, fieldList)
    }

    /// Sets the callbacks that transfer data and their context, which must outlive the transfer.
    func setCallbacks(
        context: UnsafeMutableRawPointer,
        beforeRequest: curl_prereq_callback,
        read: curl_bytes_callback,
        head: curl_bytes_callback,
        body: curl_bytes_callback
    ) {
        curl_set_before_request(pointer, beforeRequest)
        curl_set_pointer(pointer, CURLOPT_PREREQDATA, context)
        curl_set_bytes_callback(pointer, CURLOPT_READFUNCTION, read)
        curl_set_pointer(pointer, CURLOPT_READDATA, context)
        curl_set_bytes_callback(pointer, CURLOPT_HEADERFUNCTION, head)
        curl_set_pointer(pointer, CURLOPT_HEADERDATA, context)
        curl_set_bytes_callback(pointer, CURLOPT_WRITEFUNCTION, body)
        curl_set_pointer(pointer, CURLOPT_WRITEDATA, context)
    }

    func number(_ info: CURLINFO) -> Int { curl_get_number(pointer, info) }

    func bytes(_ info: CURLINFO) -> Int64 { curl_get_offset(pointer, info) }

    /// Whether the server presented no certificate, or one with alternative names (RFC 9110, section 4.3.4).
    ///
    /// Without alternative names, libcurl falls back to the common name.
    var isNamedRightly: Bool {
        guard let connection = curl_get_tls(pointer) else { return true }
        return tls_peer_has_names(OpaquePointer(connection)) == 1
    }

    /// Pauses the given directions and resumes the others; libcurl may call back before this returns.
    func pause(receiving: Bool, sending: Bool) {
        curl_handle_pause(pointer, (receiving ? CURLPAUSE_RECV : 0) | (sending ? CURLPAUSE_SEND : 0))
    }
}
