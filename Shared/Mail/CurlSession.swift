import CCurlOptions
import CLibCurl

/// One libcurl handle, which keeps its connection between mails. It belongs to one thread and is used nowhere else.
final class CurlSession {
    private static let isInitialised = curl_global_init(3) == CURLE_OK  // CURL_GLOBAL_ALL, a macro Swift does not see

    private let configuration: SMTPConfiguration
    private let handle: UnsafeMutableRawPointer?

    init(_ configuration: SMTPConfiguration) {
        self.configuration = configuration
        self.handle = Self.isInitialised ? curl_easy_init() : nil
    }

    deinit {
        curl_easy_cleanup(self.handle)
    }

    /// Sends a finished message. Blocks until the server has answered or a timeout is over.
    func send(_ message: [UInt8], to recipient: MailAddress, timeout: Duration? = nil) -> MailOutcome {
        guard let handle = self.handle, let recipients = curl_slist_append(nil, recipient.text) else {
            return .transientFailure(MailFailure(reason: .other))
        }
        defer { curl_slist_free_all(recipients) }
        curl_easy_reset(handle)  // options go, the open connection stays
        let upload = Upload(message)
        let isReady = self.configure(handle, recipients, upload, timeout)
        guard isReady else { return .transientFailure(MailFailure(reason: .other)) }
        let result = withExtendedLifetime(upload) { curl_easy_perform(handle) }
        var code = 0
        _ = ccurl_getinfo_long(handle, CURLINFO_RESPONSE_CODE, &code)
        return Self.outcome(result, code: code, isHandedOver: upload.isRead)
    }

    private func configure(
        _ handle: UnsafeMutableRawPointer, _ recipients: UnsafeMutablePointer<curl_slist>, _ upload: Upload,
        _ timeout: Duration?
    ) -> Bool {
        let configuration = self.configuration
        let security =
            switch configuration.security {
            case .implicitTLS, .requiredStartTLS: CURLUSESSL_ALL
            case .opportunisticStartTLS: CURLUSESSL_TRY
            }
        let context = Unmanaged.passUnretained(upload).toOpaque()
        var results = [
            ccurl_setopt_long(handle, CURLOPT_NOSIGNAL, 1),
            ccurl_setopt_string(handle, CURLOPT_URL, configuration.url),
            ccurl_setopt_string(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps"),
            ccurl_setopt_long(handle, CURLOPT_USE_SSL, Int(security.rawValue)),
            ccurl_setopt_long(handle, CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(configuration.connectTimeout)),
            ccurl_setopt_long(
                handle, CURLOPT_TIMEOUT_MS,
                Self.milliseconds(min(timeout ?? configuration.timeout, configuration.timeout))),
            ccurl_setopt_long(handle, CURLOPT_TCP_KEEPALIVE, 1),
            ccurl_setopt_string(handle, CURLOPT_MAIL_FROM, "<\(configuration.sender.text)>"),
            ccurl_setopt_list(handle, CURLOPT_MAIL_RCPT, recipients),
            ccurl_setopt_long(handle, CURLOPT_UPLOAD, 1),
            ccurl_setopt_pointer(handle, CURLOPT_READDATA, context),
            ccurl_setopt_read(handle) { buffer, size, count, context in
                guard let buffer, let context else { return 0 }
                return Unmanaged<Upload>.fromOpaque(context).takeUnretainedValue().read(into: buffer, size * count)
            },
            ccurl_setopt_pointer(handle, CURLOPT_SEEKDATA, context),
            ccurl_setopt_seek(handle) { context, offset, origin in
                guard let context, origin == 0 else { return 2 }  // CURL_SEEKFUNC_CANTSEEK
                return Unmanaged<Upload>.fromOpaque(context).takeUnretainedValue().seek(to: Int(offset)) ? 0 : 2
            },
        ]
        if let user = configuration.user, let password = configuration.password {
            results.append(ccurl_setopt_string(handle, CURLOPT_USERNAME, user))
            results.append(ccurl_setopt_string(handle, CURLOPT_PASSWORD, password))
        }
        if let authorities = configuration.certificateAuthorities {
            results.append(ccurl_setopt_string(handle, CURLOPT_CAINFO, authorities))
        }
        return results.allSatisfy { $0 == CURLE_OK }
    }

    /// Whether the mail was taken, may be taken later, or never will be.
    static func outcome(_ result: CURLcode, code: Int, isHandedOver: Bool = false) -> MailOutcome {
        let smtpCode = (200...599).contains(code) ? code : nil
        let reason: MailFailure.Reason
        switch result {
        case CURLE_OK: return .accepted
        case CURLE_LOGIN_DENIED: reason = .authentication
        case CURLE_USE_SSL_FAILED, CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER:
            reason = .tls
        case CURLE_COULDNT_RESOLVE_HOST: reason = .unknownHost
        case CURLE_COULDNT_CONNECT: reason = .unreachable
        case CURLE_OPERATION_TIMEDOUT: reason = .timeout
        case _ where code >= 500 && code <= 599:
            return .permanentFailure(MailFailure(reason: .refused, smtpCode: smtpCode))
        case _ where code >= 400 && code <= 499: reason = .refused
        case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_SEND_FAIL_REWIND, CURLE_WEIRD_SERVER_REPLY:
            reason = .connectionLost
        default: reason = .other
        }
        // An answer of 4xx says that it was not taken; without an answer to the last byte nobody knows.
        let mayHaveArrived = isHandedOver && !(400...499).contains(code)
        return .transientFailure(MailFailure(reason: reason, smtpCode: smtpCode, mayHaveArrived: mayHaveArrived))
    }

    private static func milliseconds(_ duration: Duration) -> Int {
        let (seconds, attoseconds) = duration.components
        return max(1, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
    }
}

/// The bytes libcurl asks for while it sends.
private final class Upload {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Whether libcurl has all of it.
    var isRead: Bool { self.position == self.bytes.count }

    func read(into buffer: UnsafeMutablePointer<CChar>, _ capacity: Int) -> Int {
        let count = min(capacity, self.bytes.count - self.position)
        let target = UnsafeMutableRawBufferPointer(start: buffer, count: count)
        self.bytes.withUnsafeBytes { target.copyMemory(from: .init(rebasing: $0[self.position...].prefix(count))) }
        self.position += count
        return count
    }

    func seek(to offset: Int) -> Bool {
        guard (0...self.bytes.count).contains(offset) else { return false }
        self.position = offset
        return true
    }
}
