import FoundationEssentials

/// Writes a mail as a server takes it: RFC 5322 headers, the text as UTF-8 in base64, lines that end in CR LF.
enum MessageFormat {
    static func bytes(of mail: OutgoingMail, from sender: MailAddress) -> [UInt8] {
        var headers = [
            "Date: \(Self.date(mail.date))",
            "From: <\(sender.text)>",
            "To: <\(mail.recipient.text)>",
            "Subject: \(Self.encodedWords(mail.subject))",
            "Message-ID: <\(mail.id.uuidString.lowercased())@\(sender.host)>",
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: base64",
        ]
        if let list = mail.list {
            headers.append("List-Id: <notices.\(sender.host)>")
            if let unsubscribe = list.unsubscribe {
                headers.append("List-Unsubscribe: <mailto:\(unsubscribe.text)?subject=unsubscribe>")
            }
        }
        return Array((headers.joined(separator: "\r\n") + "\r\n\r\n" + Self.body(mail.text)).utf8)
    }

    /// `Sun, 23 Nov 2025 12:00:00 +0000`.
    static func date(_ date: Date) -> String {
        let seconds = Int64(date.timeIntervalSince1970.rounded(.down))
        let second = ((seconds % 86_400) + 86_400) % 86_400
        let days = (seconds - second) / 86_400
        // From the number of days to the civil date, in 400-year eras that start on 1 March of year 0.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let time = [second / 3600, second / 60 % 60, second % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        let weekday = weekdays[Int(((days % 7) + 7) % 7)]
        return "\(weekday), \(day) \(months[Int(month) - 1]) \(year) \(time.joined(separator: ":")) +0000"
    }

    /// A header's text: as it is when short and of plain ASCII, otherwise as RFC 2047 words of at most 75 characters
    /// that never split a character.
    static func encodedWords(_ text: String) -> String {
        let isPlain =
            text.utf8.count <= 60 && text.utf8.allSatisfy { (0x20...0x7E).contains($0) } && !text.contains("=?")
        if isPlain {
            return text
        }
        var words: [String] = []
        var chunk: [UInt8] = []
        func flush() {
            words.append("=?utf-8?B?\(Data(chunk).base64EncodedString())?=")
            chunk = []
        }
        for scalar in text.unicodeScalars {
            let encoded = Array(String(scalar).utf8)
            if chunk.count + encoded.count > 45 {
                flush()
            }
            chunk += encoded
        }
        flush()
        return words.joined(separator: "\r\n ")
    }

    /// Base64 in lines of 76, of the text with every line break as CR LF.
    static func body(_ text: String) -> String {
        var canonical: [UInt8] = []
        var previous: UInt8 = 0
        for byte in text.utf8 {
            switch byte {
            case 0x0D: canonical += [0x0D, 0x0A]
            case 0x0A where previous == 0x0D: break
            case 0x0A: canonical += [0x0D, 0x0A]
            default: canonical.append(byte)
            }
            previous = byte
        }
        let encoded = Array(Data(canonical).base64EncodedString().utf8)
        var lines = ""
        for start in stride(from: 0, to: encoded.count, by: 76) {
            lines += String(decoding: encoded[start..<min(start + 76, encoded.count)], as: UTF8.self) + "\r\n"
        }
        return lines
    }
}
