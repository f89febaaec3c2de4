import ServiceKit

/// The bytes a key or text hashes to in the database.
func sha256(_ text: String) -> [UInt8] { TokenHash(ofToken: text).bytes }

/// Requests for help, with invented people.
enum Bodies {
    static let name = "测试甲某某"
    static let phone = "13900000001"
    static let email = "someone@example.org"
    static let respondentName = "测试乙某某"
    static let respondentPhone = "+86 139-0000-0002"
    static let narrative = "她说了一段只属于她自己的话"
    static let codeWord = "向日葵与雨伞"

    /// Everything that may be personal is in it.
    static let full = """
        {
          "channel": "hotline", "division": "150104", "categories": ["domestic_violence"],
          "needs": ["shelter", "legal_aid"], "narrative": "\(narrative)",
          "risk": {"weapon": true, "fear": true},
          "people": [
            {"role": "help_seeker", "name": "\(name)", "phone": "\(phone)", "email": "\(email)",
             "birth_date": "1988-02-29", "sex": "female"},
            {"role": "respondent", "name": "\(respondentName)", "phone": "\(respondentPhone)"},
            {"role": "child"}
          ],
          "consents": [{"agency_kinds": ["shelter", "legal_aid_centre"], "purpose": "safe_placement", "granted": true}],
          "safe_contact": [
            {"person": 0, "channel": "email", "days": [1, 2, 3, 4, 5, 6, 7], "from": "22:00", "to": "06:00",
             "code_word": "\(codeWord)"}
          ]
        }
        """

    /// As little as a case needs.
    static func small(channel: String = "hotline", division: String = "150104", category: String = "advice") -> String {
        """
        {"channel": "\(channel)", "division": "\(division)", "categories": ["\(category)"],
         "people": [{"role": "help_seeker"}]}
        """
    }
}
