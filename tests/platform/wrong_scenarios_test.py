#!/usr/bin/env python3
"""Every scenario in wrong/ is refused with the message that wrong/messages.txt has, and by scenarios/schema/scenario.json unless
only the program can know.

usage: tests/platform/wrong_scenarios_test.py FLEXCIM [--update]

--update writes messages.txt: read in its diff what a user would read. A first line `# --set KEY=VALUE` is part of the command.
"""

import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import unittest

import jsonschema
import yaml
import yaml_1_2

UPDATE = "--update" in sys.argv and not sys.argv.remove("--update")
FLEXCIM = os.path.abspath(sys.argv.pop(1))
FOLDER = pathlib.Path(__file__).parent / "wrong"
MESSAGES = FOLDER / "messages.txt"

# What no schema of one file shows.
OTHER_FILES = {
    "architecture_base_unknown", "architecture_file_is_a_folder", "architecture_file_missing", "architecture_file_wrong",
    "architecture_refers_to_itself", "architecture_unknown", "dram_unknown", "extends_chain", "extends_circle",
    "extends_folder", "extends_in_an_architecture", "extends_incomplete", "extends_itself", "extends_missing",
    "extends_no_yaml", "extends_other_kind", "extends_value_there", "host_elf_missing", "technology_unknown",
    "workload_gemm_file_missing", "workload_unknown_model"}
SEVERAL_KEYS = {
    "also_linears_of_a_gemm", "architecture_int4_metadata", "architecture_patterns", "architecture_weight_table_at_tlm",
    "architecture_weight_table_of_int4", "architecture_window", "buffer_smaller_than_a_tile", "compare_at_tlm",
    "compare_axis_twice", "compare_itself", "compare_list_without_key", "compare_map_with_key", "compare_point_wrong",
    "compare_reference", "compare_value_twice", "faults_bits", "faults_none", "faults_of_an_estimate", "faults_target", "fidelity_estimate_of_firmware", "fidelity_shapes_at_tlm",
    "fidelity_what_estimates_have_not", "host_without_elf", "observe_timeline", "sweep_axis_changes_the_sweep",
    "sweep_axis_key_unknown", "sweep_axis_name_is_a_column", "sweep_axis_name_twice", "sweep_axis_undoes_another",
    "sweep_axis_value_out_of_range", "sweep_beside_compare", "sweep_constraint_key_unknown", "sweep_constraint_of_a_word",
    "sweep_grid_too_large", "sweep_log_range_both", "sweep_objective_twice", "sweep_range_backwards",
    "sweep_sample_larger_than_the_grid", "sweep_sample_points_of_a_grid", "sweep_sample_population_of_random",
    "sweep_sample_without_points", "sweep_zip_lengths", "technology_sram_falls", "trace_ends_before_it_begins",
    "workload_firmware_native", "workload_head_of_firmware", "workload_int4_in_int8_cells", "workload_int4_of_a_flow", "workload_int4_of_steps",
    "workload_pattern_out_of_reach", "workload_sparsity_out_of_reach"}
ARITHMETIC = {
    "architecture_burst", "dram_bus", "technology_figure_unit", "technology_sram_empty", "unit_no_power_of_two",
    "unit_no_whole_number", "unit_out_of_range", "workload_patterns"}
# How a number is written is gone where a value is looked at; of keys that are given twice one is left.
ONLY_IN_THE_TEXT = {"extends_twice", "type_exponent_for_whole", "type_not_a_number", "type_octal", "yaml_key_twice"}
EXPRESSIONS = {
    "sweep_constraint_assigns", "sweep_constraint_syntax", "sweep_constraint_word_on_the_left", "sweep_objective_unknown"}
ONLY_THE_PROGRAM = OTHER_FILES | SEVERAL_KEYS | ARITHMETIC | ONLY_IN_THE_TEXT | EXPRESSIONS


def settings(file):
    """The options in its first line."""
    if not file.is_file():
        return []
    first = file.read_bytes().splitlines()[:1]
    return first[0].decode().split()[1:] if first and first[0].startswith(b"# --set ") else []


def refusal(file):
    """Exit code, standard output and error of checking it."""
    surroundings = {key: value for key, value in os.environ.items() if key != "FLEXCIM_DATA"}
    outcome = subprocess.run([FLEXCIM, "check", file.name, *settings(file)], capture_output=True, cwd=FOLDER, timeout=60,
                             env=surroundings)
    return outcome.returncode, outcome.stdout.decode(), outcome.stderr.decode().replace(f"{FOLDER.resolve()}/", "")


def refused_by_schema(file, validator):
    try:
        return not validator.is_valid(yaml_1_2.load(file))
    except (yaml.YAMLError, UnicodeDecodeError):
        return True


class Wrong(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.files = sorted(FOLDER.glob("*.yaml"))

    def test_the_program_says_what_is_wrong(self):
        self.assertGreaterEqual(len(self.files), 60)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            refusals = list(pool.map(refusal, self.files))
        text = ""
        for file, (code, output, error) in zip(self.files, refusals):
            with self.subTest(file.name):
                self.assertEqual((code, output), (2, ""), error)
            text += f"== {file.stem}{''.join(' ' + word for word in settings(file))}\n{error}\n"
        if UPDATE:
            MESSAGES.write_text(text)
        self.assertEqual(MESSAGES.read_text(), text)

    def test_the_schema_refuses_what_a_schema_can(self):
        schema = json.loads(subprocess.run([FLEXCIM, "keys", "--json-schema", "scenario"], capture_output=True, check=True).stdout)
        validator = jsonschema.Draft202012Validator(schema)
        files = [file for file in self.files if file.is_file() and not settings(file)]
        accepted = {file.stem for file in files if not refused_by_schema(file, validator)}
        self.assertEqual(accepted - ONLY_THE_PROGRAM, set(), "the schema accepts them")
        self.assertEqual(ONLY_THE_PROGRAM - accepted, set(), "the schema refuses them after all")


if __name__ == "__main__":
    unittest.main()
