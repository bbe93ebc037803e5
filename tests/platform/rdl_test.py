#!/usr/bin/env python3
"""What `flexcim registers --systemrdl` prints says what `--svd` says, which svd_test.py compares with the C header.

usage: tests/platform/rdl_test.py FLEXCIM
"""

import re
import subprocess
import sys
import unittest
import xml.etree.ElementTree as ElementTree

FLEXCIM = sys.argv.pop(1)
# The part of SystemRDL 2.0 that is used: components without a name that are instantiated at once, and properties.
TOKEN = re.compile(r'\s*(?://[^\n]*\n\s*)*("(?:[^"\\]|\\.)*"|\w+|\S)')


def printed(option):
    return subprocess.run([FLEXCIM, "registers", option], capture_output=True, text=True, check=True).stdout


class Component:
    """KIND { PROPERTY = VALUE; ... COMPONENT ... } NAME[high:low] = reset @ address;"""

    def __init__(self, tokens):
        self.properties, self.children = {}, {}
        self.kind = next(tokens)
        self.external = self.kind == "external"
        if self.external:
            self.kind = next(tokens)
        token = next(tokens)
        self.name = token if token != "{" else None
        assert token == "{" or next(tokens) == "{"
        while (token := next(tokens)) != "}":
            if token in ("addrmap", "external", "reg", "field"):
                tokens.put_back(token)
                child = Component(tokens)
                assert child.name not in self.children, child.name
                self.children[child.name] = child
            else:
                assert next(tokens) == "=" and token not in self.properties
                self.properties[token] = next(tokens)
                assert next(tokens) == ";"
        suffix = ""
        while (token := next(tokens)) != ";":
            suffix += token
        match = re.fullmatch(r"([A-Za-z_]\w*)?(?:\[(\d+):(\d+)\]=(\w+))?(?:@(\w+))?", suffix)
        assert match, suffix
        self.name = self.name or match[1]
        self.high, self.low, self.reset, self.address = (int(each, 0) if each else None for each in match.groups()[1:])


class Tokens:
    def __init__(self, text):
        self.left = [match[1] for match in TOKEN.finditer(text)][::-1]

    def __next__(self):
        return self.left.pop()

    def put_back(self, token):
        self.left.append(token)


def number(element, name):
    return int(element.find(name).text, 0)


def effects(element):
    return element.findtext("access"), element.findtext("modifiedWriteValues")


class Rdl(unittest.TestCase):
    def test_it_says_what_the_svd_says(self):
        tokens = Tokens(printed("--systemrdl"))
        top = Component(tokens)
        self.assertEqual(tokens.left, [])
        self.assertEqual((top.kind, top.name), ("addrmap", "FlexCiM_VP"))
        svd = ElementTree.fromstring(printed("--svd").encode())
        said, expected = {}, {}
        access = {("r", "w"): "read-only", ("w", "r"): "write-only", ("rw", "rw"): "read-write"}
        for device in top.children.values():
            for reg in device.children.values():
                self.assertEqual((device.kind, reg.kind, reg.properties["regwidth"]), ("addrmap", "reg", "32"))
                for field in reg.children.values():
                    of = field.properties
                    self.assertTrue(reg.external or "onread" not in of)
                    said[device.name, reg.name, field.name] = (
                        device.address, reg.address, field.low, field.high, field.reset, access[of["sw"], of["hw"]],
                        {"woclr": "oneToClear", None: None}[of.get("onwrite")], of.get("onread"),
                        reg.properties["desc"], of.get("desc"))
        for device in svd.iter("peripheral"):
            for reg in device.iter("register"):
                whole = ElementTree.fromstring("<field><name>VALUE</name><bitOffset>0</bitOffset><bitWidth>32</bitWidth></field>")
                whole.extend(reg.findall("access") + reg.findall("modifiedWriteValues"))
                for field in reg.findall("fields/field") or [whole]:
                    low, width = number(field, "bitOffset"), number(field, "bitWidth")
                    reads = reg.find("readAction") is not None and field.findtext("access") != "write-only"
                    quoted = [element.findtext("description") for element in (reg, field)]
                    expected[device.findtext("name"), reg.findtext("name"), field.findtext("name")] = (
                        number(device, "baseAddress"), number(reg, "addressOffset"), low, low + width - 1,
                        number(reg, "resetValue") >> low & ((1 << width) - 1), *effects(field),
                        "ruser" if reads else None, *(text and f'"{text}"' for text in quoted))
        self.assertGreater(len(said), 100)
        self.assertEqual(said, expected)


if __name__ == "__main__":
    unittest.main()
