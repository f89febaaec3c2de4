extension String {
    /// How many columns of a terminal the text takes: Chinese characters and full-width punctuation take two.
    var displayWidth: Int {
        self.unicodeScalars.reduce(0) { $0 + $1.displayWidth }
    }

    /// The text with what could move the cursor or colour the terminal made visible as a mark.
    var printable: String {
        var result = ""
        for scalar in self.unicodeScalars {
            let isControl = scalar.properties.generalCategory == .control || scalar.properties.isBidiControl
            result.unicodeScalars.append(isControl ? (scalar == "\n" || scalar == "\t" ? " " : "\u{FFFD}") : scalar)
        }
        return result
    }

    /// The text followed by spaces up to the width.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - self.displayWidth))
    }
}

extension Unicode.Scalar {
    /// The blocks of East Asian width W and F that our texts use.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE4F,
        0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD,
    ]

    fileprivate var displayWidth: Int {
        switch self.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: 0
        default: Self.wide.contains { $0.contains(self.value) } ? 2 : 1
        }
    }
}
