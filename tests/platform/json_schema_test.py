#!/usr/bin/env python3
"""scenarios/schema/*.json are what `flexcim keys --json-schema` prints, are valid JSON Schema, say something of every key, and
accept all files that ship with the project.

usage: tests/platform/json_schema_test.py FLEXCIM
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

import jsonschema
import yaml_1_2

FLEXCIM = sys.argv.pop(1)
SCENARIOS = pathlib.Path(__file__).parents[2] / "scenarios"
FOLDERS = {"scenario": ["", "firmware"], "architecture": ["architectures"], "technology": ["technologies"], "dram": ["dram"]}


def printed(kind):
    return subprocess.run([FLEXCIM, "keys", "--json-schema", kind], capture_output=True, text=True, check=True).stdout


def validator(kind):
    return jsonschema.Draft202012Validator(json.loads(printed(kind)))


def shipped(kind):
    return [file for folder in FOLDERS[kind] for file in sorted((SCENARIOS / folder).glob("*.yaml"))]


def keys(schema, path=""):
    """Every key that a schema has, with what it says of it."""
    for name, value in schema.get("properties", {}).items():
        yield f"{path}.{name}", value
        yield from keys(value, f"{path}.{name}")
    for branch in schema.get("anyOf", []) + [each["then"] for each in schema.get("allOf", [])]:
        yield from keys(branch, path)
    if "items" in schema:
        yield from keys(schema["items"], path + ".N")


class Schema(unittest.TestCase):
    def test_the_files_are_what_the_program_prints(self):
        files = {file.stem: file.read_text() for file in (SCENARIOS / "schema").iterdir()}
        self.assertEqual(sorted(files), sorted(FOLDERS))
        for kind, text in files.items():
            self.assertEqual(text, printed(kind), f"{FLEXCIM} keys --json-schema {kind} > scenarios/schema/{kind}.json")

    def test_they_are_valid(self):
        for kind in FOLDERS:
            jsonschema.Draft202012Validator.check_schema(json.loads(printed(kind)))

    def test_they_say_something_of_every_key(self):
        for kind in FOLDERS:
            found = list(keys(json.loads(printed(kind))))
            self.assertGreater(len(found), 10)
            for path, value in found:
                self.assertTrue(value.get("description"), path)
                self.assertTrue({"type", "enum", "anyOf"} & value.keys(), path)

    def test_they_have_the_keys_of_the_tables(self):
        printed_keys = {"." + key for key in re.findall(r"^\| `([^`]+)` \|", subprocess.run(
            [FLEXCIM, "keys"], capture_output=True, text=True, check=True).stdout, re.MULTILINE)}
        all_keys = {path for kind in FOLDERS for path, _ in keys(json.loads(printed(kind)))}
        workload = {path.replace(".workload", "", 1) for path in all_keys if path.startswith(".workload.")}
        self.assertEqual(printed_keys - all_keys - workload, set())

    def test_they_accept_what_ships(self):
        for kind in FOLDERS:
            self.assertGreater(len(shipped(kind)), 1)
            for file in shipped(kind):
                validator(kind).validate(yaml_1_2.load(file))

    def test_editors_find_them(self):
        for kind in FOLDERS:
            for file in shipped(kind):
                schema = os.path.relpath(SCENARIOS / "schema" / f"{kind}.json", file.parent)
                self.assertEqual(file.read_text().splitlines()[0], f"# yaml-language-server: $schema={schema}", file)


if __name__ == "__main__":
    unittest.main()
