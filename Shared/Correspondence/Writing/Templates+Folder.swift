import Foundation

extension Templates {
    /// The package's texts, with those of a folder over them.
    public init(folder: String) throws {
        var files: [String: String] = [:]
        guard let walk = FileManager.default.enumerator(atPath: folder), FileManager.default.fileExists(atPath: folder)
        else { throw Problem(file: folder, reason: "the folder cannot be read") }
        for case let path as String in walk where path.hasSuffix(".mustache") || path.hasSuffix(".tsv") {
            files[path] = try String(contentsOfFile: folder + "/" + path, encoding: .utf8)
        }
        try self.init(files: files)
    }
}
