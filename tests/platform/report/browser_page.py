"""A page of flexcim report in headless Chromium, as a test reads it."""

import collections
import html.parser
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "scripts"))
from headless_page import document  # noqa: E402

ODD = "</script><b>A & B \"'"


class Page(html.parser.HTMLParser):
    """What a reader finds: sections, figures, marks in plots, rows in tables, text."""

    def __init__(self, path):
        super().__init__()
        self.mistakes, self.sections, self.figures, self.means, self.text, self.open = [], [], [], [], "", []
        self.marks, self.rows = collections.Counter(), collections.Counter()
        self.metrics, self.shares, self.lines = [], [], None  # of sweeps
        self.feed(document(path))

    def inside(self, tag):
        """The id of the innermost such element; None outside of them."""
        return next((attributes.get("id", "") for each, attributes in reversed(self.open) if each == tag), None)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag not in ("meta", "br", "img", "input"):
            self.open.append((tag, attributes))
        if tag == "html":
            self.mistakes = json.loads(attributes.get("data-mistakes", "[]"))
        if tag == "section":
            self.sections.append(attributes["id"])
        if tag == "path" and attributes.get("d") and self.inside("figure"):
            self.marks[self.inside("figure")] += 1
        if tag == "tr" and self.inside("tbody") is not None:
            self.rows[self.inside("table")] += 1
        if "data-figure" in attributes:
            self.figures.append((attributes["data-figure"], float(attributes["data-value"])))
        if "data-metric" in attributes:
            self.metrics.append((self.inside("table"), attributes["data-metric"], float(attributes["data-value"])))
        if "data-share" in attributes:
            self.shares.append(float(attributes["data-share"]))
        if "data-lines" in attributes:
            self.lines = json.loads(attributes["data-lines"])
        if "data-mean" in attributes:
            self.means.append(float(attributes["data-mean"]))

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if self.inside("script") is None:
            self.text += data


def acted(page, script):
    """A page on which the script has acted."""
    with open(page, encoding="utf-8") as file:
        text = file.read()
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".html") as copy:
        copy.write(text.replace("</body>", f"<script>{{{script}}}</script></body>"))
        copy.flush()
        return Page(copy.name)


def choose(choices):
    """The script that makes these choices: {name of a select: text of its option}."""
    return """for (const [name, text] of Object.entries(%s)) {
        const select = document.querySelector(`select[aria-label="${name}"]`);
        select.value = [...select.options].find(option => option.textContent === text).value;
        select.dispatchEvent(new Event('change'));
      }""" % json.dumps(choices).replace("<", "\\u003c")
