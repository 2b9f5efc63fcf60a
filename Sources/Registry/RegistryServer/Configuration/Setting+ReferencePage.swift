// SPDX-License-Identifier: Apache-2.0

extension Setting {
    /// The page `docs/CONFIGURATION.md`.
    package static var referencePage: String {
        var sections: [Substring] = []
        for setting in all where !sections.contains(setting.section) { sections.append(setting.section) }
        let end = "## Example\n\n```yaml\n\(example)```\n"
        return ([introduction] + sections.map { table(of: $0) } + [end]).joined(separator: "\n")
    }

    private static let introduction = """
        # Configuration

        `make docs` writes this page from the table of settings.

        Every setting has a key in the configuration file, an environment variable, and a flag of `granary serve` unless
        it is a secret. A flag overrides the environment variable, which overrides the file, which overrides the
        default. An empty variable counts as absent. `--config FILE` or `GRANARY_CONFIG` names the file. An unknown key
        or variable prevents the start, and the server reports all problems together.

        - `granary serve --print-config` prints the effective settings in the format of the file, with secrets masked,
          and exits.
        - **File.** YAML. `limits.file-size` is the key `file-size` in the section `limits`.
        - **Lists.** Separate the values with commas, repeat the flag, or write a list in the file. A source of higher
          precedence replaces the whole list.
        - **Durations** are whole numbers with a unit: `500ms`, `30s`, `5m` or `1h`.
        - **Sizes** are whole numbers with a unit: `B`, `kB`, `MB`, `GB`, `TB`, `KiB`, `MiB`, `GiB` or `TiB`. `10MB` is
          10,000,000 bytes, and `10MiB` is 10,485,760 bytes. A number without a unit is in bytes.
        - **Switches** are `on` or `off`. The file also takes YAML's other words for them.
        - **Secrets** have no flag, because every user of the machine can see the command line. A password in
          `database.url` is refused in the flag for the same reason.
        - **Variables of other tools.** `AWS_REGION` applies if `s3.region` is not set. `AWS_ACCESS_KEY_ID`,
          `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN` apply together, and only if none of `s3.access-key`,
          `s3.secret-key` and `s3.session-token` is set.

        """

    /// A whole configuration file.
    static let example = """
        data: /var/lib/granary
        listen:
          - '*:443'
          - unix:/run/granary/granary.sock
        proxies: [10.0.0.0/8, unix]
        url: https://packages.example.org
        contract: documented
        tls:
          certificate: /etc/granary/certificate.pem
          key: /etc/granary/key.pem
          ticket-secret-file: /etc/granary/ticket-secret
        access:
          require-sign-in: on
        cache:
          hot-files: on
        database:
          url: postgres://granary@db.example.org/granary?sslmode=verify-full
          connections: 16
        blobs: s3
        s3:
          endpoint: https://s3.eu-central-1.amazonaws.com
          region: eu-central-1
          bucket: granary
          prefix: registry
          access-key: granary
          secret-key: a-secret-that-only-this-file-has
          addressing: virtual
          redirect: off
        log:
          level: info
        limits:
          file-size: 10GiB
          owner-size: 100GiB
          total-size: 2TiB
        timeouts:
          upload: 48h
          draft: 168h

        """

    private static func table(of section: Substring) -> String {
        let title = section.isEmpty ? "General" : "`\(section)`"
        let rows = all.filter { $0.section == section }.map(\.row)
        let head = ["| key | flag | environment variable | default | meaning |", "|---|---|---|---|---|"]
        return "## \(title)\n\n" + (head + rows).joined(separator: "\n") + "\n"
    }

    private var row: String {
        let cells: [String] = [
            "`\(key)`", isSecret ? "–" : "`\(flag)`", variables.map { "`\($0)`" }.joined(separator: " or "),
            standard.map(Self.escaped) ?? "–", Self.escaped(meaning),
        ]
        return "| \(cells.joined(separator: " | ")) |"
    }

    /// Returns the text without a meaning of its characters in a table of Markdown.
    private static func escaped(_ text: String) -> String {
        text.map { "\\`*_<>|".contains($0) ? "\\\($0)" : String($0) }.joined()
    }
}
