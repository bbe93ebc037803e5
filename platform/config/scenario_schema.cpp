#include "platform/config/scenario_schema.h"

#include "platform/config/data_files.h"
#include "platform/config/yaml_types.h"

#include <fmt/format.h>
#include <limits>

namespace flexcim {
namespace {

constexpr int kMany = std::numeric_limits<int>::max();
constexpr double kLongestNs = 1e15;

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
  return type;
}

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
  return type;
}

/// A list of `first` and `last`, or `none`.
YamlType<DenseEnds> dense_ends_type() {
  YamlType<DenseEnds> type;
  type.type = "list of first, last | none";
  type.read = [](YamlReader& reader, const std::string& path, const YAML::Node& node, DenseEnds& target) {
    std::vector<std::string> words;
    if (node.IsSequence()) {
      for (const YAML::Node& entry : node) words.push_back(entry.IsScalar() ? entry.Scalar() : "?");
    } else if (const auto word = scalar(reader, path, node, "list of first, last or none", false)) {
      words.push_back(*word);
    } else {
      return;
    }
    reader.guard(path,
                 [&] { target = parse_dense_ends(words.empty() ? "none" : fmt::format("{}", fmt::join(words, ","))); });
  };
  type.write = [](YAML::Emitter& out, DenseEnds& value) {
    out << YAML::Flow << YAML::BeginSeq;
    if (value.first) out << "first";
    if (value.last) out << "last";
    out << YAML::EndSeq;
  };
  return type;
}

Schema<TokenRange> token_schema() {
  Schema<TokenRange> s;
  s.key("text", &TokenRange::text, path_type("path"), "text file").required();
  s.key("first", &TokenRange::first, whole(0, kMany, "tokens"), "position of the first token in it");
  s.key("count", &TokenRange::count, whole(1, 65536, "tokens"), "how many");
  return s;
}

Schema<FlowSettings> flow_schema() {
  using F = FlowSettings;
  Schema<F> s;
  s.key("calibration", &F::calibration, path_type("path"), "text that calibrates a model directory; required for one");
  s.key("samples", &F::samples, whole(0, kMany, "sequences"),
        "calibration sequences of the model's context length; 0: all");
  s.key("sparsity", &F::sparsity, real(0, 0.99), "mean over the blocks");
  s.key("candidates", &F::candidates, candidates_type(), "patterns to choose from; N:N is dense");
  s.key("alpha", &F::alpha, real(0, 1e6), "weight of the outlier term");
  s.key("beta", &F::beta, real(0, 1e6), "weight of the locality term");
  s.key("outlier_multiple", &F::outlier_multiple, real(1e-6, 1e6), "an outlier's saliency, in means");
  s.key("keep_dense", &F::keep_dense, dense_ends_type(), "blocks that are not pruned");
  s.key("policy", &F::policy,
        choice<IndexPolicy>({IndexPolicy::element, IndexPolicy::window, IndexPolicy::window_shared}),
        "which elements of a group a row may keep");
  return s;
}

Schema<GemmWorkload> declare_gemm() {
  Schema<GemmWorkload> s;
  s.elsewhere("kind", "gemm", "required", "gemm", "one layer from tensors");
  s.key("weights", &GemmWorkload::weights, path_type("path"), "safetensors with `weight` [out, in], int8 or float")
      .required();
  s.key("activations", &GemmWorkload::activations, path_type("path"),
        "safetensors with `activation` [tokens, in], int8 or float")
      .required();
  s.key("pattern", &GemmWorkload::pattern, pattern_type(), "that the weights satisfy");
  return s;
}

Schema<BlockWorkload> declare_block() {
  Schema<BlockWorkload> s;
  s.elsewhere("kind", "block", "required", "block", "the linears of one block of a language model");
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

YamlType<Workload> workload_type() {
  YamlType<Workload> type;
  type.type = "map";
  type.read = [](YamlReader& reader, const std::string& path, const YAML::Node& node, Workload& target) {
    if (!node.IsMap()) return reader.problem(path, node, "expected a map with a kind: gemm or block");
    const YAML::Node kind = node["kind"];
    if (!kind.IsDefined()) return reader.problem(path, node, "the key \"kind\" is missing: gemm or block");
    const std::string here = join_path(path, "kind");
    const auto word = scalar(reader, here, kind, "gemm or block", false);
    if (!word) return;
    if (*word == "gemm") {
      gemm_schema().read(reader, path, node, target.emplace<GemmWorkload>());
    } else if (*word == "block") {
      block_schema().read(reader, path, node, target.emplace<BlockWorkload>());
    } else {
      reader.problem(here, kind,
                     fmt::format("\"{}\" is none of gemm | block; did you mean \"{}\"?", *word,
                                 nearest(*word, {"gemm", "block"})));
    }
  };
  type.write = [](YAML::Emitter& out, Workload& value) {
    if (auto* gemm = std::get_if<GemmWorkload>(&value)) {
      gemm_schema().write(out, *gemm);
    } else {
      block_schema().write(out, std::get<BlockWorkload>(value));
    }
  };
  return type;
}

Schema<AlsoRun> also_schema() {
  Schema<AlsoRun> s;
  s.key("fidelity", &AlsoRun::fidelity, choice<Fidelity>({Fidelity::tlm, Fidelity::rtl}), "of this run").required();
  s.key("linears", &AlsoRun::linears, linears_type(), "of the workload's linears");
  return s;
}

Schema<TraceConfig> trace_schema() {
  Schema<TraceConfig> s;
  s.key("waveform", &TraceConfig::waveform, flag(), "write wave.vcd and wave.gtkw in rtl runs");
  s.key("from", &TraceConfig::from_ns, real(0, kLongestNs, "ns"), "simulated time at which it begins");
  s.key("to", &TraceConfig::to_ns, real(0, kLongestNs, "ns"), "and ends");
  return s;
}

Schema<Limits> limits_schema() {
  Schema<Limits> s;
  s.key("simulated_ms", &Limits::simulated_ms, real(1e-6, 1e9, "ms"), "of simulated time");
  s.key("wall_s", &Limits::wall_s, real(1e-3, 1e9, "s"), "of real time");
  return s;
}

Schema<Scenario> declare_scenario() {
  Schema<Scenario> s;
  s.key("name", &Scenario::name, text("name"), "shown in results").required();
  s.key("description", &Scenario::description, text(), "free text");
  s.key("fidelity", &Scenario::fidelity, choice<Fidelity>({Fidelity::tlm, Fidelity::rtl}),
        "transaction-level, or the pin-accurate macro under the same accelerator")
      .required();
  s.key("workload", &Scenario::workload, workload_type(), "what runs; keys by kind below").required();
  s.key("architecture", &Scenario::architecture, architecture_type(), "the accelerator; keys below")
      .initially("flexcim_published");
  s.key("technology", &Scenario::technology, technology_type(), "what events cost; keys below").initially("28nm");
  s.key("sequencing", &Scenario::sequencing,
        choice<Sequencing>({Sequencing::grouped, Sequencing::scan, Sequencing::dense_slot}),
        "how tiles run whose columns want different pairs");
  s.key("host", &Scenario::host, choice<HostKind>({HostKind::native}), "who drives the accelerator");
  s.key("also", &Scenario::also, list_of(map_of(also_schema())), "further runs of the same workload");
  s.key("trace", &Scenario::trace, map_of(trace_schema()), "waveform of rtl runs");
  s.key("power_window_ns", &Scenario::power_window_ns, real(1, kLongestNs, "ns"), "span of a row of power.csv");
  s.key("limits", &Scenario::limits, map_of(limits_schema()), "a simulation that takes longer is ended, exit code 3");
  return s;
}

}  // namespace

const Schema<GemmWorkload>& gemm_schema() {
  static const Schema<GemmWorkload> schema = declare_gemm();
  return schema;
}

const Schema<BlockWorkload>& block_schema() {
  static const Schema<BlockWorkload> schema = declare_block();
  return schema;
}

const Schema<Scenario>& scenario_schema() {
  static const Schema<Scenario> schema = declare_scenario();
  return schema;
}

std::vector<KeyTable> scenario_key_tables() {
  return {{"scenario", markdown_table(scenario_schema().document())},
          {"gemm", markdown_table(gemm_schema().document())},
          {"block", markdown_table(block_schema().document())},
          {"architecture", markdown_table(architecture_schema().document())},
          {"technology", markdown_table(technology_schema().document())}};
}

}  // namespace flexcim
