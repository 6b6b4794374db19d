# A validator for the part of JSON Schema (draft 2020-12) that docs/assessment.schema.json uses.
# SPDX-License-Identifier: Apache-2.0
import re

TYPES = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "null": lambda value: value is None,
}
ANNOTATIONS = {"$schema", "$id", "$defs", "title", "description"}
KEYWORDS = {
    "type", "properties", "required", "additionalProperties", "items", "enum", "const", "$ref", "oneOf", "anyOf",
    "minimum", "maximum", "exclusiveMinimum", "minItems", "maxItems", "pattern",
}


class Schema:
    """A schema; what it does not understand is an error, not a pass."""

    def __init__(self, text):
        self.root = text
        # "$defs/NAME/properties/KEY" and the like of all properties that occurred in valid data.
        self.seen = set()
        self.properties = set()
        for place, schema in self._walk(text, ""):
            unknown = schema.keys() - ANNOTATIONS - KEYWORDS
            if unknown:
                raise ValueError(f"{place}: unknown keywords {sorted(unknown)}")
            self.properties |= {f"{place}/properties/{key}" for key in schema.get("properties", {})}

    def _walk(self, schema, place):
        """All schemas within, with their places."""
        yield place, schema
        for key in ("$defs", "properties"):
            for name, inner in schema.get(key, {}).items():
                yield from self._walk(inner, f"{place}/{key}/{name}")
        for key in ("items", "additionalProperties"):
            if isinstance(schema.get(key), dict):
                yield from self._walk(schema[key], f"{place}/{key}")
        for key in ("oneOf", "anyOf"):
            for index, inner in enumerate(schema.get(key, [])):
                yield from self._walk(inner, f"{place}/{key}/{index}")

    def undescribed(self):
        """Places of properties and definitions without a description, of their own or of what they refer to."""
        for place, schema in self._walk(self.root, ""):
            if re.search(r"/(properties|\$defs)/[^/]+$", place) and not schema.get("description"):
                yield place

    def open_objects(self):
        """Places of objects that would let properties pass that nobody described."""
        for place, schema in self._walk(self.root, ""):
            if schema.get("type") == "object" and "additionalProperties" not in schema:
                yield place

    def faults(self, value):
        """What is wrong with a document, in words."""
        found, seen = self._check(value, self.root, "", "$")
        if not found:
            self.seen |= seen
        return found

    def _resolve(self, reference):
        schema = self.root
        for part in reference.removeprefix("#/").split("/"):
            schema = schema[part]
        return schema, reference.removeprefix("#")

    def _check(self, value, schema, place, path):
        faults, seen = [], set()

        def descend(value, schema, place, path):
            more, visited = self._check(value, schema, place, path)
            faults.extend(more)
            seen.update(visited)

        if "$ref" in schema:
            descend(value, *self._resolve(schema["$ref"]), path)
        kinds = schema.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else kinds
        if kinds and not any(TYPES[kind](value) for kind in kinds):
            return [f"{path}: {value!r:.60} is no {' or '.join(kinds)}"], seen
        if "enum" in schema and value not in schema["enum"]:
            faults.append(f"{path}: {value!r:.60} is none of {schema['enum']}")
        if "const" in schema and value != schema["const"]:
            faults.append(f"{path}: {value!r:.60} is not {schema['const']!r}")
        if TYPES["number"](value):
            faults += self._number(value, schema, path)
        if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
            faults.append(f"{path}: {value!r:.60} does not match {schema['pattern']}")
        if isinstance(value, list):
            if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
                faults.append(f"{path}: {len(value)} items")
            for index, item in enumerate(value if "items" in schema else []):
                descend(item, schema["items"], f"{place}/items", f"{path}[{index}]")
        if isinstance(value, dict):
            known = schema.get("properties", {})
            faults += [f"{path}: {key} is missing" for key in schema.get("required", []) if key not in value]
            for key, item in value.items():
                if key in known:
                    seen.add(f"{place}/properties/{key}")
                    descend(item, known[key], f"{place}/properties/{key}", f"{path}.{key}")
                elif schema.get("additionalProperties") is False:
                    faults.append(f"{path}: {key} is not described")
                elif isinstance(schema.get("additionalProperties"), dict):
                    inner = schema["additionalProperties"]
                    descend(item, inner, f"{place}/additionalProperties", f"{path}.{key}")
        for keyword in ("oneOf", "anyOf"):
            if keyword in schema:
                self._choose(keyword, value, schema, place, path, faults, seen)
        return faults, seen

    @staticmethod
    def _number(value, schema, path):
        limits = (
            ("minimum", lambda limit: value >= limit), ("maximum", lambda limit: value <= limit),
            ("exclusiveMinimum", lambda limit: value > limit),
        )
        return [
            f"{path}: {value} is beyond the {name} of {schema[name]}"
            for name, holds in limits if name in schema and not holds(schema[name])
        ]

    def _choose(self, keyword, value, schema, place, path, faults, seen):
        tried = [
            self._check(value, inner, f"{place}/{keyword}/{index}", path)
            for index, inner in enumerate(schema[keyword])
        ]
        fitting = [visited for more, visited in tried if not more]
        if not fitting:
            reasons = "; ".join(more[0] for more, _ in tried)
            faults.append(f"{path}: fits none of {len(tried)} ({reasons})")
        elif keyword == "oneOf" and len(fitting) > 1:
            faults.append(f"{path}: fits {len(fitting)} of {len(tried)}, not one")
        else:
            seen.update(*fitting)
