// Makes the tokenizers of this folder and what an independent implementation makes of texts: see README.md.
// usage: node make.mjs TEXT    (npm package tokenizers; TEXT: what they are trained on)
import fs from "fs";
import tk from "tokenizers";

const HEAD = (family) => JSON.parse(fs.readFileSync(`${family}.head.json`, "utf8"));
const CORPUS = process.argv[2];
const TEXTS = JSON.parse(fs.readFileSync("texts.json", "utf8"));

/// The merges of byte-pair encoding, of the words that `tokenizer` cuts the text into.
function train(words, count) {
  const texts = [...words].map(([word, times]) => ({ symbols: [...word], times }));
  const merges = [];
  while (merges.length < count) {
    const pairs = new Map();
    for (const { symbols, times } of texts) {
      for (let i = 0; i + 1 < symbols.length; ++i) {
        const pair = symbols[i] + " " + symbols[i + 1];
        pairs.set(pair, (pairs.get(pair) ?? 0) + times);
      }
    }
    const [best] = [...pairs].reduce((a, b) => (b[1] > a[1] || (b[1] === a[1] && b[0] < a[0]) ? b : a));
    const [left, right] = best.split(" ");
    merges.push([left, right]);
    for (const text of texts) {
      const merged = [];
      for (let i = 0; i < text.symbols.length; ++i) {
        if (text.symbols[i] === left && text.symbols[i + 1] === right) {
          merged.push(left + right);
          ++i;
        } else {
          merged.push(text.symbols[i]);
        }
      }
      text.symbols = merged;
    }
  }
  return merges;
}

const FAMILIES = { gpt2: 150, neox: 150, llama3: 150, qwen2: 150, falcon: 150, llama2: 120, mistral: 120 };

function make(family, count) {
  const head = HEAD(family);
  const fallback = head.model.byte_fallback === true;
  const { extra, pairs, ...rest } = head;
  const cutter = tk.Tokenizer.fromString(JSON.stringify({ ...rest, added_tokens: [], post_processor: null, model: { ...head.model, unk_token: null, vocab: {}, merges: [] } }));
  const normalize = (line) => (cutter.getNormalizer() ? cutter.getNormalizer().normalizeString(line) : line);
  const cut = (line) => (cutter.getPreTokenizer() ? cutter.getPreTokenizer().preTokenizeString(line).map((each) => each[0]) : [line]);
  const words = new Map();
  const count_words = (text, times) => {
    for (const line of text.split("\n")) {
      for (const piece of cut(normalize(line)).flatMap((each) => (fallback ? each.split(/(?=\u2581)/) : [each]))) {
        words.set(piece, (words.get(piece) ?? 0) + times);
      }
    }
  };
  count_words(fs.readFileSync(CORPUS, "utf8").slice(0, 200000), 1);
  if (!fallback) TEXTS.forEach((text) => count_words(text, 40));
  let alphabet;
  if (fallback) {
    alphabet = ["<unk>", "<s>", "</s>"];
    for (let b = 0; b < 256; ++b) alphabet.push(`<0x${b.toString(16).toUpperCase().padStart(2, "0")}>`);
    alphabet.push(...[...new Set([...words.keys()].join(""))].sort());
  } else {
    alphabet = tk.byteLevelAlphabet().sort();
  }
  const merges = train(words, count);
  const vocab = {};
  for (const token of [...alphabet, ...merges.map(([l, r]) => l + r), ...(extra ?? [])]) vocab[token] ??= Object.keys(vocab).length;
  let next = Object.keys(vocab).length;
  const added = head.added_tokens.map((each) => ({ id: vocab[each.content] ?? next++, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true, ...each }));
  const post = structuredClone(head.post_processor ?? null);
  const fill = (each) => {
    if (each?.type === "Sequence") each.processors.forEach(fill);
    for (const [name, value] of Object.entries(each?.special_tokens ?? {})) value.ids = [added.find((t) => t.content === name).id];
  };
  fill(post);
  const whole = { version: "1.0", truncation: null, padding: null, added_tokens: added, normalizer: head.normalizer, pre_tokenizer: head.pre_tokenizer, post_processor: post, decoder: head.decoder,
    model: { ...head.model, vocab, merges: pairs ? merges : merges.map((pair) => pair.join(" ")) } };
  fs.writeFileSync(`${family}.json`, JSON.stringify(whole) + "\n");
}

async function expect(family) {
  const tokenizer = tk.Tokenizer.fromFile(`${family}.json`);
  const rows = [];
  for (const text of TEXTS) {
    const encoding = await tokenizer.encode(text);
    const ids = encoding.getIds();
    const row = { text, ids };
    const decoded = await tokenizer.decode(ids, true);
    if (decoded !== text) row.decoded = decoded;
    rows.push(row);
  }
  fs.writeFileSync(`${family}.expected.json`, "[\n" + rows.map((row) => JSON.stringify(row)).join(",\n") + "\n]\n");
}

for (const [family, count] of Object.entries(FAMILIES)) {
  make(family, count);
  await expect(family);
}
