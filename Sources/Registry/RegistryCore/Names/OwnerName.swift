// SPDX-License-Identifier: Apache-2.0

/// The name of a user or an organization.
package struct OwnerName: ValidatedName {
    static let maximumByteCount = 40

    package let text: String

    /// Validates the spelling only, so that a name remains readable after it becomes reserved.
    package init(_ text: String) throws(InvalidName) {
        try NameRules.checkSegment(text, .owner)
        guard text.utf8.count <= Self.maximumByteCount else {
            throw InvalidName(.owner, text, rule: "it must be at most \(Self.maximumByteCount) characters long")
        }
        guard NameRules.consists(text, ofLettersDigitsAnd: "-_.") else {
            throw InvalidName(.owner, text, rule: "it must consist of letters, digits and - _ .")
        }
        guard Self.separatesWords(text) else {
            throw InvalidName(
                .owner,
                text,
                rule: "it must start and end with a letter or digit and must not have two of - _ . in a row"
            )
        }
        self.text = text
    }

    /// Validates the name of a new user or organization, which must not be reserved.
    package static func forNewOwner(_ text: String) throws(InvalidName) -> OwnerName {
        let name = try OwnerName(text)
        guard !reservedWords.contains(name.folded) else {
            throw InvalidName(.owner, text, rule: "it must not be a reserved word; choose another name")
        }
        if let suffix = reservedSuffixes.first(where: name.folded.hasSuffix) {
            throw InvalidName(.owner, text, rule: "it must not end in \(suffix); choose another name")
        }
        return name
    }

    /// Returns whether each of `- _ .` is between two letters or digits.
    private static func separatesWords(_ text: String) -> Bool {
        var previousIsSeparator = true
        for byte in text.utf8 {
            let isSeparator = !byte.isASCIILetterOrDigit
            if isSeparator && previousIsSeparator { return false }
            previousIsSeparator = isSeparator
        }
        return !previousIsSeparator
    }

    /// Suffixes that Gitea uses for feeds, keys and pictures of an owner.
    private static let reservedSuffixes = [".keys", ".gpg", ".rss", ".atom", ".png"]

    /// First path segments of this registry and of Gitea, and misleading names.
    private static let reservedWords: Set<String> = [
        "about", "account", "admin", "anonymous", "api", "assets", "attachments", "audit", "avatar", "avatars",
        "captcha", "commits", "debug", "devtest", "docs", "error", "explore", "favicon.ico", "ghost", "gitea-actions",
        "granary", "health", "healthz", "help", "img", "install", "issues", "livez", "login", "logout", "manifest.json",
        "metrics", "milestones", "new", "notifications", "null", "org", "organizations", "orgs", "packages", "pulls",
        "raw", "readyz", "repo", "repo-avatars", "repos", "robots.txt", "root", "search", "serviceworker.js", "session",
        "sessions", "settings", "setup", "signin", "signout", "signup", "ssh_info", "static", "stars", "status",
        "swagger", "swagger.v1.json", "system", "template", "tokens", "user", "users", "v1", "v2",
    ]
}
