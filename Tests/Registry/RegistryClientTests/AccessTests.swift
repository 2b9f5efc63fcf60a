// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import RegistryClient
import RegistryCore
import Testing

@Suite("Addresses, tokens and the saved login", .timeLimit(.minutes(15)))
struct AccessTests {
    @Test(
        "an address is normalised",
        arguments: [
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
            ("HTTPS://Packages.Example.com/", "https://packages.example.com"),
            ("https://example.com/granary//", "https://example.com/granary"),
            ("http://[::1]:3000/", "http://[::1]:3000"),
        ]
    )
    func addresses(given: String, expected: String) throws {
        #expect(try ServerURL(given).text == expected)
    }

    @Test(
        "an address that is none, or may hold a secret, is refused without showing the secret",
        arguments: [
            "", "example.com", "ftp://example.com", "http://", "https://ann:secret@example.com",
            "ftp://ann:secret@example.com", "https://example.com/?token=secret", "https://example.com/#secret",
        ]
    )
    func badAddresses(given: String) {
        let error = #expect(throws: ClientError.self) { try ServerURL(given) }
        #expect(error?.code == .usage)
        #expect(error?.message.contains("secret") == false)
    }

    @Test("only encrypted and local addresses keep secrets")
    func secrecy() throws {
        let secret = ["https://example.com", "http://localhost:3000", "http://127.0.0.1", "http://[::1]:80/x"]
        let open = ["http://example.com", "http://localhost.example.com", "http://127.0.0.1.example.com"]
        for address in secret { #expect(try ServerURL(address).keepsSecrets, "\(address)") }
        for address in open { #expect(try !ServerURL(address).keepsSecrets, "\(address)") }
    }

    @Test("a token loses the line end of its file and never shows in text")
    func token() throws {
        let token = try BearerToken(" sesame\r\n")
        #expect(token.secret == "sesame")
        var dumped = ""
        dump(token, to: &dumped)
        #expect(!"\(token) \(String(reflecting: token)) \(dumped)".contains("sesame"))
        for text in ["", " \n", "two words", "line\nbreak", "ümlaut"] {
            #expect(throws: ClientError.self) { try BearerToken(text) }
        }
    }

    @Test("a saved login is read back, and nobody else may read its file")
    func savedLogin() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/config/granary/login.json"
            #expect(try SavedLogin.load(from: path) == nil)
            for secret in ["first", "second"] {
                let login = SavedLogin(server: try ServerURL("https://example.com"), token: try BearerToken(secret))
                try await login.save(to: path)
                #expect(try SavedLogin.load(from: path) == login)
            }
            let files = FileManager.default
            #expect(try files.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
            #expect(try files.attributesOfItem(atPath: folder + "/config/granary")[.posixPermissions] as? Int == 0o700)
            #expect(try files.contentsOfDirectory(atPath: folder + "/config/granary") == ["login.json"])
        }
    }

    @Test("a damaged saved login is an error, not an absent one")
    func damagedLogin() async throws {
        try await withTemporaryFolder { folder in
            _ = FileManager.default.createFile(atPath: folder + "/login.json", contents: Data("{".utf8))
            #expect(throws: ClientError.self) { try SavedLogin.load(from: folder + "/login.json") }
        }
    }

    @Test("the saved login is below XDG_CONFIG_HOME if that is absolute, else below the home folder")
    func loginPath() throws {
        let home = ["HOME": "/home/ann"]
        let expected = "/home/ann/.config/granary/login.json"
        #expect(try SavedLogin.path(environment: home) == expected)
        #expect(try SavedLogin.path(environment: ["HOME": "/home/ann", "XDG_CONFIG_HOME": "x"]) == expected)
        #expect(try SavedLogin.path(environment: ["XDG_CONFIG_HOME": "/x"]) == "/x/granary/login.json")
        #expect(throws: ClientError.self) { try SavedLogin.path(environment: [:]) }
    }

    @Test("options go before the environment, the environment before the saved login")
    func precedence() throws {
        let saved = SavedLogin(server: try ServerURL("http://saved"), token: try BearerToken("saved"))
        let environment = ["GRANARY_URL": "http://env", "GRANARY_TOKEN": "env"]
        let all = try RegistryAccess(url: "http://opt", tokenFromFile: "opt", environment: environment, saved: saved)
        #expect(all.server.text == "http://opt" && all.token?.secret == "opt")
        let some = try RegistryAccess(url: nil, tokenFromFile: nil, environment: environment, saved: saved)
        #expect(some.server.text == "http://env" && some.token?.secret == "env")
        let none = try RegistryAccess(url: nil, tokenFromFile: nil, environment: ["GRANARY_URL": ""], saved: saved)
        #expect(none.server.text == "http://saved" && none.token?.secret == "saved")
        #expect(throws: ClientError.self) {
            try RegistryAccess(url: nil, tokenFromFile: nil, environment: [:], saved: nil)
        }
    }

    @Test("a saved token is not sent to another registry")
    func savedTokenStaysHome() throws {
        let saved = SavedLogin(server: try ServerURL("http://saved"), token: try BearerToken("saved"))
        let other = try RegistryAccess(url: "http://other", tokenFromFile: nil, environment: [:], saved: saved)
        #expect(other.token == nil)
        let same = try RegistryAccess(url: "http://SAVED/", tokenFromFile: nil, environment: [:], saved: saved)
        #expect(same.token?.secret == "saved")
    }

    @Test("a reference names an owner, a package or a version")
    func references() throws {
        #expect(try PackageReference("tools") == .owner(OwnerName("tools")))
        guard case .package(let package) = try PackageReference("tools/hello") else {
            Issue.record("tools/hello names a package")
            return
        }
        #expect(package.description == "tools/hello")
        #expect(try PackageReference.version(parsing: "tools/hello@1.0.0").description == "tools/hello@1.0.0")
        #expect(try PackageReference.version(parsing: "tools/hello@a@b").version.text == "a@b")
    }

    @Test(
        "a reference that is none is a usage error",
        arguments: ["", "/", "tools", "tools/", "/hello@1", "tools/hello", "tools/hello@", "tools/hello@a/b", "t/..@1"]
    )
    func badReferences(text: String) {
        let error = #expect(throws: ClientError.self) { try PackageReference.version(parsing: text) }
        #expect(error?.code == .usage)
    }
}
