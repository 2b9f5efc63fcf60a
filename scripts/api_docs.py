#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes docs/API.md of the interface's description.

    granary serve --print-openapi | scripts/api_docs.py docs/api-introduction.md docs/API.md
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def render(introduction: str, document: dict) -> str:
    """The whole text."""
    chapters = [introduction.rstrip()]
    for tag in document["tags"]:
        chapters.append(f"## {tag['name']}\n\n{tag['description']}")
        chapters += [section(path, method, operation) for path, item in document["paths"].items()
                     for method, operation in item.items() if tag["name"] in operation["tags"]]
    chapters.append("## Records\n\nThe JSON objects of request and response bodies.")
    for name, schema in document["components"]["schemas"].items():
        chapters.append(f"### {name}\n\n" + table(
            ["member", "value", "always present"],
            [[f"`{member}`", value(shape), "yes" if member in schema.get("required", []) else "no"]
             for member, shape in schema["properties"].items()],
        ))
    return "\n\n".join(chapters) + "\n"


def section(path: str, method: str, operation: dict) -> str:
    """One method of one path."""
    name = "GET, HEAD" if method == "get" else method.upper()
    parts = [f"### {name} {path}", f"{operation['summary']}.", operation["description"]]
    if parameters := operation.get("parameters"):
        parts.append(table(
            ["parameter", "in", "value", "description"],
            [[f"`{one['name']}`", one["in"], value(one["schema"]), one["description"]] for one in parameters],
        ))
    if body := operation.get("requestBody"):
        (media, content), = body["content"].items()
        parts.append(f"The request body is {value(content['schema'])}." if media == "application/json"
                     else "The request body is the content of the file.")
    parts.append(table(
        ["status", "when", "body", "headers"],
        [[status, answer["description"], bodies(answer), headers(answer)]
         for status, answer in operation["responses"].items()],
    ))
    parts += [f"```sh\n{sample['source']}\n```" for sample in operation["x-codeSamples"]]
    return "\n\n".join(parts)


def bodies(answer: dict) -> str:
    """What the body of an answer can be."""
    return ", ".join(value(content["schema"]) if media == "application/json" and "$ref" in str(content)
                     else f"`{media}`" for media, content in answer.get("content", {}).items())


def headers(answer: dict) -> str:
    """The headers beside the one that all answers have."""
    return ", ".join(f"`{name}`" for name in answer["headers"] if name != "X-Request-Id")


def value(schema: dict) -> str:
    """What a value may be, in a few words."""
    if name := schema.get("$ref"):
        name = name.rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if choices := schema.get("anyOf"):
        return " or ".join(value(one) for one in choices)
    if words := schema.get("enum"):
        return "one of " + ", ".join(f"`{word}`" if word else "nothing" for word in words)
    match schema["type"]:
        case "null": return "null"
        case "boolean": return "true or false"
        case "integer": return "a number"
        case "array": return f"a list of {value(schema['items'])}"
        case "object" if "additionalProperties" in schema:
            return f"an object whose members are {value(schema['additionalProperties'])}"
        case "object": return "an object"
    if schema.get("format") == "date-time":
        return "a time"
    if schema.get("maxLength") is not None and schema.get("maxLength") == schema.get("minLength"):
        return f"{schema['maxLength']} hexadecimal digits"
    if pattern := schema.get("pattern"):
        return f"`{pattern}`, at most {schema['maxLength']} characters"
    limit = f" of at most {schema['maxLength']} characters" if "maxLength" in schema else ""
    return "a string" + limit


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table without the columns that are empty in all rows."""
    kept = [number for number in range(len(head)) if any(row[number] for row in rows)]
    lines = [[head[number] for number in kept], ["---"] * len(kept)]
    lines += [[row[number].replace("|", "\\|") for number in kept] for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


if __name__ == "__main__":
    introduction, written = map(Path, sys.argv[1:])
    text = render(introduction.read_text(encoding="utf-8"), json.load(sys.stdin))
    written.write_text(text, encoding="utf-8")
