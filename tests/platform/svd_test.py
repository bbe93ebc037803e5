#!/usr/bin/env python3
"""What `flexcim registers --svd` prints, against the rules of CMSIS-SVD 1.3 that debuggers rely on, and against the C header.

usage: tests/platform/svd_test.py FLEXCIM
"""

import re
import subprocess
import sys
import unittest
import xml.etree.ElementTree as ElementTree

FLEXCIM = sys.argv.pop(1)
# The schema fixes names and order of elements; * may be left out.
ELEMENTS = {
    "device": "name version description addressUnitBits width size access* resetValue* resetMask peripherals",
    "peripheral": "name description baseAddress addressBlock interrupt* registers",
    "addressBlock": "offset size usage",
    "interrupt": "name description value",
    "register": "name description* addressOffset access resetValue modifiedWriteValues* readAction* fields*",
    "field": "name description* bitOffset bitWidth access modifiedWriteValues*",
}
LISTS = {"peripherals": "peripheral", "registers": "register", "fields": "field"}
VALUES = {
    "access": {"read-only", "write-only", "read-write"},
    "modifiedWriteValues": {"oneToClear"},
    "readAction": {"modify"},
    "usage": {"registers"},
}


def printed(option):
    return subprocess.run([FLEXCIM, "registers", option], capture_output=True, text=True, check=True).stdout


def number(element, name):
    return int(element.find(name).text, 0)


class Svd(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.device = ElementTree.fromstring(printed("--svd").encode())  # well-formed, or it throws
        cls.peripherals = cls.device.findall("peripherals/peripheral")

    def test_elements_are_the_schema_s_in_its_order(self):
        self.assertEqual(self.device.tag, "device")
        self.assertEqual(self.device.get("schemaVersion"), "1.3")
        for element in self.device.iter():
            children = [child.tag for child in element]
            if element.tag in ELEMENTS:
                pattern = re.sub(r"(\w+)(\*?)", lambda m: f"({m[1]} )" + "?" * bool(m[2]), ELEMENTS[element.tag]).replace(" (", "(")
                self.assertRegex("".join(child + " " for child in children), f"^{pattern}$")
            elif element.tag in LISTS:
                self.assertEqual(set(children), {LISTS[element.tag]})
            else:
                self.assertEqual(children, [])
                self.assertTrue(element.text.strip(), element.tag)
                self.assertIn(element.text, VALUES.get(element.tag, {element.text}))

    def test_names_are_identifiers_and_unique_beside_each_other(self):
        for element in self.device.iter():
            names = [child.find("name").text for child in element if child.find("name") is not None]
            self.assertEqual(len(names), len(set(names)))
            for name in names:
                self.assertRegex(name, r"^[A-Za-z_]\w*$")

    def test_peripherals_do_not_overlap(self):
        end = 0
        for peripheral in sorted(self.peripherals, key=lambda each: number(each, "baseAddress")):
            base = number(peripheral, "baseAddress")
            self.assertGreaterEqual(base, end)
            self.assertEqual(base % 4, 0)
            self.assertEqual(number(peripheral, "addressBlock/offset"), 0)
            end = base + number(peripheral, "addressBlock/size")
        self.assertLessEqual(end, 1 << 32)

    def test_registers_lie_in_their_block_and_not_on_each_other(self):
        for peripheral in self.peripherals:
            offsets = [number(register, "addressOffset") for register in peripheral.iter("register")]
            self.assertEqual(len(offsets), len(set(offsets)))
            for offset in offsets:
                self.assertEqual(offset % 4, 0)
                self.assertLess(offset, number(peripheral, "addressBlock/size"))

    def test_fields_lie_in_their_register_and_not_on_each_other(self):
        for register in self.device.iter("register"):
            self.assertLess(number(register, "resetValue"), 1 << 32)
            used = 0
            for field in register.iter("field"):
                low, width = number(field, "bitOffset"), number(field, "bitWidth")
                self.assertGreater(width, 0)
                self.assertLessEqual(low + width, 32)
                mask = ((1 << width) - 1) << low
                self.assertEqual(used & mask, 0, register.find("name").text)
                used |= mask
                of_register = register.find("access").text
                if of_register != "read-write":
                    self.assertEqual(field.find("access").text, of_register)

    def test_interrupts_are_those_of_the_interrupt_controller(self):
        values = [number(each, "value") for each in self.device.iter("interrupt")]
        self.assertEqual(len(values), len(set(values)))
        self.assertNotIn(0, values)  # no source of a PLIC

    def test_what_a_debugger_must_not_read_unasked(self):
        acting = {f'{peripheral.find("name").text}.{register.find("name").text}' for peripheral in self.peripherals
                  for register in peripheral.iter("register") if register.find("readAction") is not None}
        self.assertEqual({name for name in acting if not name.startswith("FLEXCIM.")}, {"PLIC.CLAIM", "UART.RXDATA"})
        self.assertTrue(all(name.endswith("_LO") for name in acting if name.startswith("FLEXCIM.")))

    def test_it_says_what_the_c_header_says(self):
        defined = {m[1]: int(m[2], 0) for m in re.finditer(r"#define (\w+) (\w+?)u\b", printed("--c-header"))}
        said = {}
        for peripheral in self.peripherals:
            device = peripheral.find("name").text
            said[f"{device}_BASE"] = number(peripheral, "baseAddress")
            for interrupt in peripheral.iter("interrupt"):
                said[f"{device}_INTERRUPT"] = number(interrupt, "value")
            for register in peripheral.iter("register"):
                name = f'{device}_{register.find("name").text}'
                said[name] = number(register, "addressOffset")
                for field in register.iter("field"):
                    low, width = number(field, "bitOffset"), number(field, "bitWidth")
                    said[f'{name}_{field.find("name").text}_MASK'] = ((1 << width) - 1) << low
        self.assertGreater(len(said), 100)
        self.assertEqual(said, {name: defined.get(name) for name in said})
        masks = {name for name in defined if name.endswith("_MASK")}
        self.assertEqual(masks, {name for name in said if name.endswith("_MASK")})


if __name__ == "__main__":
    unittest.main()
