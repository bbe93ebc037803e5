#!/usr/bin/env python3
"""Makes the SentencePiece models of this folder and their tokens: see README.md.

usage: make_sentencepiece.py TEXT
"""

import json
import os
import sys

import sentencepiece

with open("texts.json", encoding="utf-8") as file:
    TEXTS = json.load(file)
# The model holds the name of the file that it is trained on.
CORPUS = "corpus.txt"
with open(sys.argv[1], encoding="utf-8") as file, open(CORPUS, "w", encoding="utf-8") as corpus:
    corpus.write(file.read()[:200000])
for kind, size in (("bpe", 420), ("unigram", 400)):
    name = f"sentencepiece_{kind}"
    sentencepiece.SentencePieceTrainer.train(
        input=CORPUS, model_prefix=name, model_type=kind, vocab_size=size, byte_fallback=True,
        character_coverage=1.0, normalization_rule_name="identity", remove_extra_whitespaces=kind == "unigram",
        split_digits=True, allow_whitespace_only_pieces=True, num_threads=1, minloglevel=2)
    model = sentencepiece.SentencePieceProcessor(model_file=name + ".model")
    rows = [{"text": text, "ids": [model.bos_id(), *model.encode(text)]} for text in TEXTS]
    lines = ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
    with open(name + ".expected.json", "w", encoding="utf-8") as out:
        out.write(f"[\n{lines}\n]\n")
os.remove(CORPUS)
