package import PostgresClient

extension PartnerLogins {
    static let createLogin = Statement(name: "door_create_login", "SELECT door.create_login($1, $2, $3)")
    static let closeLogin = Statement(name: "door_close_login", "SELECT door.close_login($1)")

    static let putSpecialDays = Statement(
        name: "door_put_special_days", "SELECT door.put_special_days($1::text[]::date[], $2::text[]::date[])")

    /// Every statement, for the test that prepares each.
    package static let statements = [createLogin, closeLogin, putSpecialDays]
}
