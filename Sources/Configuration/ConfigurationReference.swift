// The reference of all keys as a document, made from the same records that read them.
// SPDX-License-Identifier: Apache-2.0

extension Configuration {
    /// docs/configuration.md. Each key is "`name` (type, unit, default, range): meaning".
    package static func reference() -> String {
        let model = Configuration.default(for: .system)
        let listener = Listener(
            name: "NAME",
            path: model.directories.run.appending("NAME.sock"),
            quality: .fullEntropy
        )
        let source = Source(name: "NAME", type: .jitter)
        var text = introduction
        text += section("Identity", Keys.root, at: "", model)
        text += section("Log", Keys.log, at: "log.", model.log)
        text += section("Reservoir", Keys.reservoir, at: "reservoir.", model.reservoir)
        text += section("Credit", Keys.credit, at: "credit.", model.credit)
        text += section("DRBG", Keys.drbg, at: "drbg.", model.drbg)
        text += section("Server", Keys.server, at: "server.", model.server)
        text += section("Sources", Keys.source, at: "sources.NAME.", source, words: sourceWords)
        for type in SourceType.allCases where !Keys.source(of: type).isEmpty {
            text += "\nOnly with type \(type.rawValue):\n\n"
            text += lines(Keys.source(of: type), at: "sources.NAME.", source)
        }
        text += section(
            "Listeners",
            Keys.listener,
            at: "listeners.NAME.",
            listener,
            words: listenerWords
        )
        text += section("Control", Keys.control, at: "control.", model.control)
        text += section("Feeder", Keys.feeder, at: "feeder.", model.feeder)
        return text
    }

    private static func section<Model>(
        _ title: String,
        _ keys: [Key<Model>],
        at path: String,
        _ model: Model,
        words: String = ""
    ) -> String {
        "\n## \(title)\n\n\(words)" + lines(keys, at: path, model)
    }

    private static func lines<Model>(
        _ keys: [Key<Model>],
        at path: String,
        _ model: Model
    ) -> String {
        keys.map { key in
            let standard = key.defaultWords ?? key.write(model) ?? "none"
            let restart = key.reload == .restart ? " (needs a restart)" : ""
            return "- `\(path)\(key.name)` (\(key.type), unit: \(key.unit), default: \(standard), "
                + "range: \(key.range)): \(key.meaning)\(restart)\n"
        }.joined()
    }

    private static let introduction = """
        # Configuration

        Wellspring runs without a configuration file. If there is one, it is
        `/etc/wellspring/wellspring.yaml` or the file that `wellspring run` is given, and it is read
        strictly: an unknown key, a wrong unit or an impossible value is an error with file, line,
        column and key, all errors of a file are shown together, and `wellspring run --check` shows
        them without starting. A key without a value keeps its default. SIGHUP reads the file again;
        keys marked "needs a restart" take effect with the next start.

        How values are written:

        - size: a number of bytes, or a whole number with `B`, `kB`, `MB`, `GB` (powers of 1,000) or
          `KiB`, `MiB`, `GiB` (powers of 1,024), without a space: `64KiB`
        - duration: a whole number with `ms`, `s`, `min` or `h`: `500ms`
        - fraction: `0.5` or `50%`
        - file mode: four octal digits: `"0660"`
        - user and group names: a name, or a number
        - list: `[A, B]`, or one line with commas

        The run directory is `/run/wellspring` for root and `$XDG_RUNTIME_DIR/wellspring` for others
        (`/tmp/wellspring-UID` where that variable is not set). A file has at most 128 KiB and 16
        YAML aliases.

        This page is made from the program's own table of keys.

        """

    private static let sourceWords = """
        Without the key `sources` all CPU sources, `hwrng` and `kernel` run, as far as this machine
        has them. With it, those listed run. NAME is 1 to 32 lower-case letters, digits and hyphens.


        """

    private static let listenerWords = """
        Without the key `listeners` there are two: `egd` (full-entropy, 0660) and `drbg` (drbg,
        0666). With it, those listed; `listeners: {}` is none. NAME is 1 to 32 lower-case letters,
        digits and hyphens. How to use all this: [Serving a rack](serving-a-rack.md).


        """
}
