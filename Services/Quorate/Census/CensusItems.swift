import StatutoryRules

/// What the return allows in the items that no rule reads, which come as an integration or another system's file has them.
enum CensusItems {
    private static let codes: [String: Set<String>] = [
        "Sex": ["F", "M", "U"],
        "GenderCurrent": ["0", "1", "2", "9"],
        "UPNunknown": ["UN1", "UN2", "UN3", "UN4", "UN5", "UN6", "UN7"],
        "Ethnicity": [
            "WBRI", "WIRI", "WIRT", "WOTH", "WROM", "MWBC", "MWBA", "MWAS", "MOTH", "AIND", "APKN", "ABAN", "AOTH",
            "BCRB",
            "BAFR", "BOTH", "CHNE", "OOTH", "REFU", "NOBT",
        ],
        "Disability": [
            "NONE", "MOB", "HAND", "PC", "INC", "COMM", "LD", "HEAR", "VIS", "BEH", "CON", "AUT", "DDA",
        ],
        "ReferralSource": [
            "1A", "1B", "1C", "1D", "2A", "2B", "3A", "3B", "3C", "3D", "3E", "3F", "4", "5A", "5B", "5C", "5D", "6",
            "7", "8",
            "9", "10",
        ],
        "PrimaryNeedCode": ["N0", "N1", "N2", "N3", "N4", "N5", "N6", "N7", "N8", "N9"],
        "ReasonForClosure": ["RC1", "RC2", "RC3", "RC4", "RC5", "RC6", "RC7", "RC8", "RC9"],
        "ReferralNFA": ["0", "1", "false", "true"],
        "InitialCategoryOfAbuse": Set(CensusReturn.categories.values),
        "LatestCategoryOfAbuse": Set(CensusReturn.categories.values),
    ]

    /// What is wrong with an item, in words that do not repeat it; `nil` where the return may have it.
    static func fault(_ name: String, _ value: String) -> String? {
        switch name {
        case "CINreferralDate", "CINclosureDate", "DateOfInitialCPC", "InitialCPCtarget":
            Day(value) == nil ? "\(name): no date, YYYY-MM-DD" : nil
        case "UPN", "FormerUPN":
            value.wholeMatch(of: /[A-Z][0-9]{11}[0-9A-Z]/) == nil ? "\(name): no pupil number" : nil
        case "NumberOfPreviousCPP": Int(value).map { $0 < 0 } ?? true ? "\(name): no number" : nil
        default: codes[name].map { $0.contains(value) } ?? true ? nil : "\(name): no code of the return"
        }
    }
}
