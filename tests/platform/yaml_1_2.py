"""YAML as flexcim and editors read it: the core schema of YAML 1.2, in which `2:4`, `on` and `28nm` are text."""

import re

import yaml


class Loader(yaml.SafeLoader):
    yaml_implicit_resolvers = {}


for tag, expression, first in (("null", r"|~|null|Null|NULL", ["", "~", "n", "N"]),
                               ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
                               ("int", r"[-+]?[0-9]+", list("-+0123456789")),
                               ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
                                list("-+.0123456789"))):
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{expression})$"), first)
Loader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(loader.construct_scalar(node)))
Loader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: float(loader.construct_scalar(node).replace(".inf", "inf").replace(".nan", "nan")))


def load(file):
    """The one document of a file. Raises yaml.YAMLError."""
    with open(file, encoding="utf-8") as stream:
        return yaml.load(stream, Loader)
