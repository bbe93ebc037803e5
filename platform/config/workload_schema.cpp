#include "platform/config/workload_schema.h"

#include "platform/config/steps_schema.h"
#include "platform/yaml/yaml_types.h"

#include <fmt/format.h>
#include <limits>

namespace flexcim {
namespace {

constexpr int kMany = std::numeric_limits<int>::max();
constexpr int kLongestText = 65536;
constexpr const char* kKinds = "gemm, block, generate, firmware or shapes";

/// A list of patterns, as `flexcim flow` takes it.
YamlType<std::vector<Candidate>> candidates_type() {
  YamlType<std::vector<Candidate>> type;
  type.type = "list of N:M";
  type.read = [](YamlReader& reader, const std::string& path, const YAML::Node& node, std::vector<Candidate>& target) {
    if (!node.IsSequence()) return reader.problem(path, node, "expected a list of N:M");
    std::vector<std::string> words;
    for (const YAML::Node& entry : node) {
      if (!entry.IsScalar()) return reader.problem(path, entry, "expected a list of N:M");
      words.push_back(entry.Scalar());
    }
    reader.guard(path, [&] { target = parse_candidates(fmt::format("{}", fmt::join(words, ","))); });
  };
  type.write = [](YAML::Emitter& out, std::vector<Candidate>& value) {
    out << YAML::Flow << YAML::BeginSeq;
    for (const Candidate& candidate : value) out << YAML::DoubleQuoted << to_string(candidate);
    out << YAML::EndSeq;
  };
  type.json = [](std::vector<Candidate>&) { return json_list(json_matching("dense|[0-9]+:[0-9]+"), 1); };
  return type;
}

/// A list of `first` and `last`, or `none`; where costs are measured also `auto`.
YamlType<DenseEnds> dense_ends_type(bool measured) {
  YamlType<DenseEnds> type;
  type.type = measured ? "list of first, last | none | auto" : "list of first, last | none";
  type.read = [measured](YamlReader& reader, const std::string& path, const YAML::Node& node, DenseEnds& target) {
    std::vector<std::string> words;
    if (node.IsSequence()) {
      for (const YAML::Node& entry : node) words.push_back(entry.IsScalar() ? entry.Scalar() : "?");
    } else if (const auto word = scalar(reader, path, node, "list of first, last or none", false)) {
      words.push_back(*word);
    } else {
      return;
    }
    reader.guard(path, [&] {
      target = parse_dense_ends(words.empty() ? "none" : fmt::format("{}", fmt::join(words, ",")));
      if (target.automatic && !measured) throw InputError("keep-dense \"auto\" needs costs, which shapes do not have");
    });
  };
  type.write = [](YAML::Emitter& out, DenseEnds& value) {
    if (value.automatic) {
      out << "auto";
      return;
    }
    out << YAML::Flow << YAML::BeginSeq;
    if (value.first) out << "first";
    if (value.last) out << "last";
    out << YAML::EndSeq;
  };
  type.json = [measured](DenseEnds&) {
    const std::vector<std::string> without{"none", "first", "last", "both"},
        with{"none", "first", "last", "both", "auto"};
    return json_any_of({json_words(measured ? with : without), json_list(json_words({"first", "last"}))});
  };
  return type;
}

Schema<TokenRange> token_schema() {
  Schema<TokenRange> s;
  s.key("text", &TokenRange::text, path_type("path"), "text file").required();
  s.key("first", &TokenRange::first, whole(0, kMany, "tokens"), "position of the first token in it");
  s.key("count", &TokenRange::count, whole(1, kLongestText, "tokens"), "how many");
  return s;
}

YamlType<IndexPolicy> policy_type() {
  return choice<IndexPolicy>({IndexPolicy::element, IndexPolicy::window, IndexPolicy::window_shared});
}

Schema<FlowSettings> flow_schema() {
  using F = FlowSettings;
  Schema<F> s;
  s.key("calibration", &F::calibration, path_type("path"), "text that calibrates a model directory; required for one");
  s.key("samples", &F::samples, whole(0, kMany, "sequences"),
        "calibration sequences of the model's context length; 0: all");
  s.key("sparsity", &F::sparsity, real(0, 0.99), "mean over the blocks");
  s.key("objective", &F::objective,
        optional_of(
            choice<PatternObjective>({PatternObjective::published, PatternObjective::error, PatternObjective::loss})),
        "by what patterns are chosen; by default loss, and error for models above 50 million weights");
  s.key("granularity", &F::granularity, optional_of(choice<Granularity>({Granularity::block, Granularity::linear})),
        "what gets a pattern of its own; by default block for published, else linear");
  s.key("update", &F::update, choice<Update>({Update::none, Update::compensate}),
        "whether weights that stay make up for those that go");
  s.key("candidates", &F::candidates, candidates_type(), "patterns to choose from; N:N is dense");
  s.key("alpha", &F::alpha, real(0, SelectionOptions::most_weight),
        "weight of the outlier term of the published objective");
  s.key("beta", &F::beta, real(0, SelectionOptions::most_weight),
        "weight of the locality term of the published objective");
  s.key("outlier_multiple", &F::outlier_multiple, real(kLeastOutlierMultiple, kMostOutlierMultiple),
        "an outlier's saliency, in means");
  s.key("keep_dense", &F::keep_dense, dense_ends_type(true),
        "blocks that are not pruned; auto: as the objective has it");
  s.key("policy", &F::policy, policy_type(), "which elements of a group a row may keep");
  s.key("weight_bits", &F::weight_bits, weight_bits_type(), "that weights are quantized to");
  s.key(
      "cache", &F::cache, path_type("path"),
      "folder that keeps the packed model ([large_models.md](large_models.md)); by default out/cache for models above "
      "50 million weights, none for others");
  return s;
}

Schema<GemmWorkload> declare_gemm() {
  Schema<GemmWorkload> s;
  s.elsewhere("kind", "gemm", "required", "gemm", "one layer from tensors", json_words({"gemm"}));
  s.key("weights", &GemmWorkload::weights, path_type("path"), "safetensors with `weight` [out, in], int8 or float")
      .required();
  s.key("activations", &GemmWorkload::activations, path_type("path"),
        "safetensors with `activation` [tokens, in], int8 or float")
      .required();
  s.key("pattern", &GemmWorkload::pattern, pattern_type(), "that the weights satisfy");
  s.key("weight_bits", &GemmWorkload::weight_bits, weight_bits_type(),
        "that float weights are quantized to, and into whose range int8 ones fit");
  return s;
}

Schema<BlockWorkload> declare_block() {
  Schema<BlockWorkload> s;
  s.elsewhere("kind", "block", "required", "block", "the linears of one block of a language model",
              json_words({"block"}));
  s.key("model", &BlockWorkload::model, path_type("path"),
        "packed model, or model directory in the Hugging Face layout")
      .required();
  s.key("block", &BlockWorkload::block, whole(0, 9999), "counted from 0");
  s.key("linears", &BlockWorkload::linears, linears_type(), "full names or their last parts, e.g. q_proj");
  s.key("tokens", &BlockWorkload::tokens, map_of(token_schema()), "whose activations run").required();
  s.key("flow", &BlockWorkload::flow, map_of(flow_schema()),
        "how a model directory is pruned; a packed model has no use for it");
  return s;
}

/// Words as they stand, or a range of a text.
YamlType<Prompt> prompt_type() {
  const YamlType<std::string> words = text("text");
  const YamlType<TokenRange> range = map_of(token_schema());
  YamlType<Prompt> type;
  type.type = "text | map";
  type.keys = [keys = range.keys](Prompt&) {
    TokenRange initial;
    return keys(initial);
  };
  type.read = [words, range](YamlReader& reader, const std::string& path, const YAML::Node& node, Prompt& target) {
    if (node.IsMap()) {
      const bool changes = std::holds_alternative<TokenRange>(target);
      range.read(reader, path, node, changes ? std::get<TokenRange>(target) : target.emplace<TokenRange>());
    } else {
      words.read(reader, path, node, target.emplace<std::string>());
    }
  };
  type.write = [range](YAML::Emitter& out, Prompt& value) {
    if (auto* tokens = std::get_if<TokenRange>(&value)) return range.write(out, *tokens);
    out << YAML::DoubleQuoted << std::get<std::string>(value);
  };
  type.json = [range](Prompt&) {
    TokenRange initial;
    return json_or_word(range.json(initial));
  };
  type.find = [range](const std::string& path, Prompt& value) {
    if (auto* tokens = std::get_if<TokenRange>(&value)) return range.find(path, *tokens);
    throw InputError("a prompt of words has no keys");
  };
  return type;
}

Schema<HostCosts> host_costs_schema() {
  Schema<HostCosts> s;
  s.key("clock_mhz", &HostCosts::clock_mhz, real(1, 100000, "MHz"),
        "clock of the host, its period whole ps; a cycle is an instruction");
  for (std::size_t i = 0; i < kOperatorClasses; ++i) {
    const OperatorClassInfo& info = operator_classes()[i];
    s.key(
        std::string(info.name), [i](HostCosts& costs) -> double& { return costs.cycles[i]; },
        real(0, 1e6, fmt::format("cycles/{}", info.unit)), std::string(info.description));
  }
  return s;
}

Schema<HostStorage> host_memory_schema() {
  using H = HostStorage;
  const YamlType<StorageType> type = choice<StorageType>({StorageType::fp16, StorageType::int8});
  Schema<H> s;
  s.key("cache", &H::cache, type, "keys and values");
  s.key("embedding", &H::embedding, type, "token embedding");
  s.key("head", &H::head, type, "weights of the output head");
  s.key("queries", &H::queries, whole(1, H::most_queries, "tokens"), "of a pass that read keys and values together");
  return s;
}

Schema<GenerateWorkload> declare_generate() {
  using G = GenerateWorkload;
  Schema<G> s;
  s.elsewhere("kind", "generate", "required", "generate", "a whole language model generates text",
              json_words({"generate"}));
  s.key("model", &G::model, path_type("path"), "packed model, or model directory in the Hugging Face layout")
      .required();
  s.key("prompt", &G::prompt, prompt_type(), "what the text goes on from: words, or tokens of a text file").required();
  s.key("tokens", &G::tokens, whole(1, kLongestText, "tokens"), "to generate at most, always the likeliest");
  s.key("stop_at_eos", &G::stop_at_eos, flag(),
        "the text ends with the model's end-of-text token, `eos_token_id` ([generate.md](generate.md))");
  s.key("flow", &G::flow, map_of(flow_schema()), "how a model directory is pruned; a packed model has no use for it");
  s.key("host_costs", &G::host_costs, map_of(host_costs_schema()),
        "what the host takes for all that is no linear ([generate.md](generate.md))");
  s.key("head", &G::head, choice<HeadPlace>({HeadPlace::host, HeadPlace::accelerator}),
        "where the output head runs: in float on the host, or as one more linear, dense and int8");
  s.key("attention", &G::attention, choice<AttentionPlace>({AttentionPlace::host, AttentionPlace::accelerator}),
        "where the products of attention are formed: in float on the host, or as dense int8 ones with the key/value "
        "cache as weights");
  s.key("driver", &G::driver, choice<DriverMode>({DriverMode::serial, DriverMode::queued}),
        "one command at a time, or those of linears that read the same input at once, while the host works on");
  s.key("host_memory", &G::host_memory, map_of(host_memory_schema()),
        "what values that the host reads and writes are stored as, for their bytes ([generate.md](generate.md))");
  return s;
}

Schema<FirmwareWorkload> declare_firmware() {
  Schema<FirmwareWorkload> s;
  s.elsewhere("kind", "firmware", "required", "firmware",
              "what the firmware of a riscv host does ([firmware.md](firmware.md))", json_words({"firmware"}));
  return s;
}

/// N:M of all blocks, or how they are mixed.
YamlType<MixedPatterns> mixed_patterns_type() {
  using M = MixedPatterns;
  Schema<M> s;
  s.key("sparsity", &M::sparsity, real(0, 0.99), "mean over the blocks that are not kept dense");
  s.key("candidates", &M::candidates, candidates_type(), "patterns to mix; N:N is dense");
  s.key("uniform", &M::uniform, optional_of(pattern_type()), "the pattern of all of them in place of a mix");
  s.key("keep_dense", &M::keep_dense, dense_ends_type(false), "blocks that are not pruned");
  s.key("policy", &M::policy, policy_type(),
        "which elements of a group a row may keep: phases follow, one, or with `element` one for each column");
  return map_of(s);
}

Schema<ShapesWorkload> declare_shapes() {
  using W = ShapesWorkload;
  Schema<W> s;
  s.elsewhere("kind", "shapes", "required", "shapes", "all linears of a published model, by their shapes alone",
              json_words({"shapes"}));
  s.key("model", &W::model, shapes_type(), "name of a file in shapes/, or path of a config.json or its folder")
      .required();
  s.key("tokens", &W::tokens, optional_of(whole(1, kLongestText, "tokens")),
        "of one pass through the linears alone; 1 for a step of decoding")
      .initially(std::to_string(ShapesWorkload::kTokens));
  s.key("steps", &W::steps, steps_type(), "in place of `tokens`: batches of requests ([workloads.md](workloads.md))");
  s.key("patterns", &W::patterns, mixed_patterns_type(),
        "of the blocks; without weights there is nothing to choose by");
  s.key("weight_bits", &W::weight_bits, weight_bits_type(), "of the blocks' weights; those of lm_head are int8");
  s.key("outputs", &W::outputs, choice<OutputType>({OutputType::int32, OutputType::int8}),
        "sums, or what they are requantized to");
  s.key(
      "lm_head", &W::lm_head, flag(),
      "also the linear that gives the logits, dense, of the tokens that need them; with `steps` the host computes them "
      "otherwise");
  s.key("host_costs", &W::host_costs, optional_of(map_of(host_costs_schema())),
        "with `steps`: what the host takes for all that is no linear ([generate.md](generate.md))");
  s.key("host_memory", &W::host_memory, optional_of(map_of(host_memory_schema())),
        "with `steps`: what values that the host reads and writes are stored as ([generate.md](generate.md))");
  return s;
}

const Schema<GemmWorkload>& schema_of(const GemmWorkload&) { return gemm_schema(); }
const Schema<BlockWorkload>& schema_of(const BlockWorkload&) { return block_schema(); }
const Schema<GenerateWorkload>& schema_of(const GenerateWorkload&) { return generate_schema(); }
const Schema<FirmwareWorkload>& schema_of(const FirmwareWorkload&) { return firmware_schema(); }
const Schema<ShapesWorkload>& schema_of(const ShapesWorkload&) { return shapes_schema(); }
/// One pass has tokens; steps have what the host does between their linears.
void complete(YamlReader& reader, const std::string& path, ShapesWorkload& work) {
  if (work.steps.empty()) {
    if (work.host_costs) reader.problem(join_path(path, "host_costs"), "a host takes part in `steps` only");
    if (work.host_memory) reader.problem(join_path(path, "host_memory"), "a host takes part in `steps` only");
    if (!work.tokens) work.tokens = ShapesWorkload::kTokens;
  } else {
    if (work.tokens) reader.problem(join_path(path, "tokens"), "is of one pass; with `steps` requests have tokens");
    if (!work.host_costs) work.host_costs.emplace();
    if (!work.host_memory) work.host_memory.emplace();
  }
}

}  // namespace

/// `all`, or a list of names.
YamlType<std::vector<std::string>> linears_type() {
  const YamlType<std::vector<std::string>> list = list_of(text("name of a linear"));
  YamlType<std::vector<std::string>> type = list;
  type.type = "all | list of names";
  type.read = [list](YamlReader& reader, const std::string& path, const YAML::Node& node,
                     std::vector<std::string>& target) {
    if (node.IsScalar() && node.Scalar() == "all") return target.clear();
    if (!node.IsSequence() || node.size() == 0)
      return reader.problem(path, node, "expected \"all\" or a list of names");
    list.read(reader, path, node, target);
  };
  type.write = [list](YAML::Emitter& out, std::vector<std::string>& value) {
    if (value.empty()) {
      out << "all";
    } else {
      list.write(out, value);
    }
  };
  type.json = [](std::vector<std::string>&) { return json_any_of({json_words({"all"}), json_list(json_word(), 1)}); };
  return type;
}

const Schema<GemmWorkload>& gemm_schema() {
  static const Schema<GemmWorkload> schema = declare_gemm();
  return schema;
}

const Schema<BlockWorkload>& block_schema() {
  static const Schema<BlockWorkload> schema = declare_block();
  return schema;
}

const Schema<GenerateWorkload>& generate_schema() {
  static const Schema<GenerateWorkload> schema = declare_generate();
  return schema;
}

const Schema<FirmwareWorkload>& firmware_schema() {
  static const Schema<FirmwareWorkload> schema = declare_firmware();
  return schema;
}

const Schema<ShapesWorkload>& shapes_schema() {
  static const Schema<ShapesWorkload> schema = declare_shapes();
  return schema;
}

YamlType<Workload> workload_type() {
  YamlType<Workload> type;
  type.type = "map";
  type.read = [](YamlReader& reader, const std::string& path, const YAML::Node& node, Workload& target) {
    if (!node.IsMap()) return reader.problem(path, node, fmt::format("expected a map with a kind: {}", kKinds));
    const YAML::Node kind = node["kind"];
    if (!kind.IsDefined()) return reader.problem(path, node, fmt::format("the key \"kind\" is missing: {}", kKinds));
    const std::string here = join_path(path, "kind");
    const auto word = scalar(reader, here, kind, kKinds, false);
    if (!word) return;
    if (*word == "gemm") {
      gemm_schema().read(reader, path, node, target.emplace<GemmWorkload>());
    } else if (*word == "block") {
      block_schema().read(reader, path, node, target.emplace<BlockWorkload>());
    } else if (*word == "generate") {
      generate_schema().read(reader, path, node, target.emplace<GenerateWorkload>());
    } else if (*word == "firmware") {
      firmware_schema().read(reader, path, node, target.emplace<FirmwareWorkload>());
    } else if (*word == "shapes") {
      shapes_schema().read(reader, path, node, target.emplace<ShapesWorkload>());
      complete(reader, path, std::get<ShapesWorkload>(target));
    } else {
      reader.problem(here, kind,
                     fmt::format("\"{}\" is none of gemm | block | generate | firmware | shapes; did you mean \"{}\"?",
                                 *word, nearest(*word, {"gemm", "block", "generate", "firmware", "shapes"})));
    }
  };
  type.write = [](YAML::Emitter& out, Workload& value) {
    std::visit([&](auto& workload) { schema_of(workload).write(out, workload); }, value);
  };
  type.find = [](const std::string& path, Workload& value) {
    return std::visit([&](auto& workload) { return schema_of(workload).find(workload, path); }, value);
  };
  type.json = [](Workload&) {
    return json_by_kind({{"gemm", json_of(gemm_schema())},
                         {"block", json_of(block_schema())},
                         {"generate", json_of(generate_schema())},
                         {"firmware", json_of(firmware_schema())},
                         {"shapes", json_of(shapes_schema())}},
                        "what runs");
  };
  return type;
}

}  // namespace flexcim
