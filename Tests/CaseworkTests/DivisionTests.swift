import Casework
import Testing

@Suite struct DivisionTests {
    @Test func theShippedFileHoldsTheWholeNetwork() throws {
        let tree = try DivisionTree(
            csv: try Deployment.text("data/divisions.csv"),
            aliasesCSV: try Deployment.text("data/division-aliases.csv"))
        #expect(tree.divisions.count == 1 + 12 + 103)
        let counties = [
            "150100": 9, "150200": 9, "150300": 3, "150400": 12, "150500": 8, "150600": 9, "150700": 14, "150800": 7,
            "150900": 11, "152200": 6, "152500": 12, "152900": 3,
        ]
        #expect(Set(tree.children(of: .code("150000")).map(\.code.rawValue)) == Set(counties.keys))
        for (league, count) in counties {
            #expect(tree.children(of: .code(league)).count == count, "\(league)")
        }
        for division in tree.divisions {
            #expect(division.code.rawValue.count == 6)
            #expect(division.code.level == division.level)
            #expect(division.code.parent == division.parent)
            #expect(tree.path(of: division.code) == division.code.path)
            // Statistical zones are no divisions.
            #expect(!(71...79).contains(Int(division.code.rawValue.suffix(2))!))
        }
    }

    @Test(arguments: [
        ("新城区", "150102"), ("玉泉区", "150104"), ("白云鄂博矿区", "150206"), ("白云鄂博区", "150206"), ("库伦旗", "150524"),
        ("苏尼特左旗", "152523"), ("苏尼特右旗", "152524"), ("锡林郭勒盟", "152500"), ("莫力达瓦达斡尔族自治旗", "150722"),
    ])
    func namedPlacesAreFound(_ name: String, _ code: String) throws {
        #expect(try Deployment.divisions().named(name).map(\.code.rawValue) == [code])
    }

    @Test func theCodeSaysItsLevelAndWhatLiesAround() {
        let village = DivisionCode.code("150524100999")
        #expect(village.path.map(\.rawValue) == ["150524100999", "150524100", "150524", "150500", "150000"])
        #expect(village.path.map(\.level) == [.village, .township, .county, .league, .region])
        #expect(village.ancestor(at: .league) == .code("150500"))
        #expect(village.isWithin(.code("150524")))
        #expect(!village.isWithin(.code("150525")))
        #expect(DivisionCode.code("150500").ancestor(at: .county) == nil)
    }

    @Test(arguments: ["", "15010", "1501024", "15010a", "050102", "１５０１０２", "1501021000"])
    func whatIsNoCodeIsRefused(_ text: String) {
        #expect(DivisionCode(text) == nil)
    }

    @Test(arguments: [
        ("a,b,c,d\n", DataFileError.Code.badHeader, 1),
        ("level,code,name,parent\nregion,150000,内蒙古自治区\n", .fieldCount, 2),
        ("level,code,name,parent\nregion,150000,甲,\n\nregion,150000,乙,\n", .duplicate, 4),
        ("level,code,name,parent\nregion,150000,甲,\ncounty,150102,乙,150100\n", .orphan, 3),
        ("level,code,name,parent\nregion,150000,甲,\ncounty,150102,乙,150000\n", .badValue, 3),
        ("level,code,name,parent\nleague,150000,甲,\n", .badValue, 2),
        ("level,code,name,parent\nregion,150000,,\n", .badValue, 2),
        ("level,code,name,parent\nregion,150000,甲,乙\n", .badValue, 2),
        ("level,code,name,parent\nleague,150100,甲,\n", .badValue, 2),
    ])
    func aBrokenFileNamesTheLine(_ text: String, _ code: DataFileError.Code, _ line: Int) {
        let error = #expect(throws: DataFileError.self) { try DivisionTree(csv: text) }
        #expect(error?.code == code)
        #expect(error?.line == line)
    }

    @Test func windowsLineEndingsAndAByteOrderMarkAreRead() throws {
        let tree = try DivisionTree(csv: "\u{FEFF}level,code,name,parent\r\nregion,150000,内蒙古自治区,\r\n")
        #expect(tree[.code("150000")]?.name == "内蒙古自治区")
    }

    @Test func anAliasOfNothingIsRefused() {
        #expect(throws: DataFileError.self) {
            try DivisionTree(csv: "level,code,name,parent\nregion,150000,甲,\n", aliasesCSV: "alias,code\n乙,150100\n")
        }
    }
}
