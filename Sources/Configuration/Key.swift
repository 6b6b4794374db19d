// A key of the file: one record that reads it, writes it, documents it and says who must restart.
// SPDX-License-Identifier: Apache-2.0

/// One key of a mapping that fills one property of `Model`.
struct Key<Model>: Sendable {
    let name: String
    /// Type, unit and range as the reference shows them.
    let type: String
    let unit: String
    let range: String
    /// The default in words, where it is not the text of the model's own value.
    let defaultWords: String?
    let meaning: String
    /// Whether a reload can apply it.
    let reload: Reload
    /// Says what is wrong with one element; nil for a key that has one value.
    let checkElement: (@Sendable (String) -> String?)?
    /// Sets the property from text, or says what is wrong with the text.
    let read: @Sendable (String, inout Model) -> String?
    /// The property as the file would write it; nil where it is unset.
    let write: @Sendable (Model) -> String?

    init<Value>(
        _ name: String,
        _ property: any WritableKeyPath<Model, Value> & Sendable,
        _ type: ValueType<Value>,
        default words: String? = nil,
        reload: Reload = .live,
        _ meaning: String
    ) {
        self.init(
            name,
            type,
            words,
            reload,
            meaning,
            set: { $0[keyPath: property] = $1 },
            get: { $0[keyPath: property] }
        )
    }

    /// For a property that may be unset; `words` say what happens then.
    init<Value>(
        _ name: String,
        optional property: any WritableKeyPath<Model, Value?> & Sendable,
        _ type: ValueType<Value>,
        default words: String,
        reload: Reload = .live,
        _ meaning: String
    ) {
        self.init(
            name,
            type,
            words,
            reload,
            meaning,
            set: { $0[keyPath: property] = $1 },
            get: { $0[keyPath: property] }
        )
    }

    private init<Value>(
        _ name: String,
        _ type: ValueType<Value>,
        _ words: String?,
        _ reload: Reload,
        _ meaning: String,
        set: @escaping @Sendable (inout Model, Value) -> Void,
        get: @escaping @Sendable (Model) -> Value?
    ) {
        self.name = name
        self.type = type.name
        self.unit = type.unit
        self.range = type.range
        self.defaultWords = words
        self.meaning = meaning
        self.reload = reload
        checkElement = type.checkElement
        read = { text, model in
            guard let value = type.read(text) else {
                let hint = nearest(to: text, of: type.words).map { ": did you mean \"\($0)\"?" }
                return "\(quoted(text)) \(type.complaint)\(hint ?? "")"
            }
            guard type.accepts(value) else {
                return "\(quoted(text)) is out of range: \(type.range)"
            }
            set(&model, value)
            return nil
        }
        write = { get($0).map(type.write) }
    }
}

enum Reload: Sendable {
    /// Applied while clients stay connected.
    case live
    /// Taken over by the next start only.
    case restart
}

/// Text of the file in quotation marks, shortened and without control characters.
func quoted(_ text: String) -> String {
    let visible = text.unicodeScalars.prefix(longestQuotation).map { scalar in
        scalar.value < 0x20 || scalar.value == 0x7F ? "?" : Character(scalar)
    }
    return "\"\(String(visible))\(text.unicodeScalars.count > longestQuotation ? "…" : "")\""
}

/// Characters. Messages stay on one line of a terminal.
private let longestQuotation = 40
