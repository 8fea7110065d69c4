# SPDX-License-Identifier: GPL-2.0
"""Checks what haadm prints in JSON against its schema: `haadm -j schema`. As much of JSON Schema as that one uses."""
import json
import sys

TYPES = {"string": str, "integer": int, "boolean": bool, "number": (int, float),
         "array": list, "object": dict, "null": type(None)}
KEYWORDS = {"type", "properties", "required", "additionalProperties", "items", "anyOf", "$ref", "examples"}


def wrong(value, schema, root, where):
    """Yields what is wrong with a value."""
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    assert not schema.keys() - KEYWORDS, schema
    if "anyOf" in schema:
        if all(list(wrong(value, one, root, where)) for one in schema["anyOf"]):
            yield f"{where}: {value!r} is none of {schema['anyOf']}"
        return
    kind = TYPES[schema["type"]]
    if not isinstance(value, kind) or (kind in (int, (int, float)) and isinstance(value, bool)):
        yield f"{where}: {value!r} is no {schema['type']}"
        return
    if kind is list:
        for i, one in enumerate(value):
            yield from wrong(one, schema["items"], root, f"{where}[{i}]")
    if kind is dict:
        known, more = schema.get("properties", {}), schema.get("additionalProperties", True)
        for key in schema.get("required", []):
            if key not in value:
                yield f"{where}: {key} is missing"
        for key, one in value.items():
            if key in known:
                yield from wrong(one, known[key], root, f"{where}.{key}")
            elif more is False:
                yield f"{where}: {key} is not in the schema"
            elif more is not True:
                yield from wrong(one, more, root, f"{where}.{key}")


def main():
    """Each line of standard input: a command, a tab and a value that the command printed."""
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    seen, failed = set(), False
    for line in sys.stdin:
        command, text = line.rstrip("\n").split("\t")
        seen.add(command)
        for what in wrong(json.loads(text), schema["properties"][command], schema, command):
            print(what)
            failed = True
    print("checked:", ", ".join(sorted(seen)))
    missing = set(sys.argv[2:]) - seen
    if missing:
        print("not checked:", ", ".join(sorted(missing)))
    return failed or bool(missing)


if __name__ == "__main__":
    sys.exit(main())
