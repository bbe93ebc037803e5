// A scenario: what runs on which accelerator in which technology (docs/scenarios.md).
#pragma once

#include "flow/map/geometry.h"
#include "flow/select/analyze.h"
#include "flow/select/method.h"
#include "flow/select/selection.h"
#include "platform/config/architecture.h"
#include "platform/config/compare_axis.h"
#include "platform/config/fidelity.h"
#include "platform/config/host_costs.h"
#include "platform/config/host_storage.h"
#include "platform/config/limits.h"
#include "platform/config/observe.h"
#include "platform/config/steps.h"
#include "platform/config/sweep_spec.h"
#include "platform/config/technology.h"
#include "platform/config/verilog.h"
#include "platform/riscv/hart.h"
#include "platform/yaml/yaml_reader.h"
#include "rtl_models/trace/trace_options.h"
#include "tlm/faults/fault_parameters.h"

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace flexcim {

/// One GEMM from tensors: `weight` [out, in] and `activation` [tokens, in].
struct GemmWorkload {
  std::filesystem::path weights;
  std::filesystem::path activations;
  Pattern pattern;
  int weight_bits = 8;
};

/// Tokens of a text file.
struct TokenRange {
  std::filesystem::path text;
  int first = 0;
  int count = 16;
};

/// How FLOW makes a packed model of a model directory (docs/flow.md).
struct FlowSettings {
  std::filesystem::path calibration;  ///< text
  int samples = 32;                   ///< calibration sequences, 0: the whole text
  double sparsity = SelectionOptions().target;
  std::optional<PatternObjective> objective;  ///< none: as ChoiceOptions has it (flow/pack)
  std::optional<Granularity> granularity;     ///< likewise
  Update update = Update::compensate;
  std::vector<Candidate> candidates = default_candidates();
  double alpha = SelectionOptions().alpha;
  double beta = SelectionOptions().beta;
  double outlier_multiple = kDefaultOutlierMultiple;
  DenseEnds keep_dense{true, true};                 ///< blocks that are not pruned
  IndexPolicy policy = IndexPolicy::window_shared;  ///< for the architecture's window and columns
  int weight_bits = 8;                              ///< that weights are quantized to, 4 or 8
  std::filesystem::path cache;                      ///< folder that keeps the packed model; empty: as the size has it
};

/// Whether a model is a packed file; otherwise it is a model directory.
bool is_packed_model(const std::filesystem::path& model);

/// The linears of one block of a language model, on the activations that the block sees for some tokens.
struct BlockWorkload {
  std::filesystem::path model;  ///< a packed model (a file), or a model directory
  int block = 0;
  std::vector<std::string> linears;  ///< by full name or its last parts; empty: all
  TokenRange tokens;
  FlowSettings flow;  ///< for a model directory
};

/// What a generated text goes on from: words as they stand, or tokens of a text file.
using Prompt = std::variant<std::string, TokenRange>;

/// A whole language model generates text: every linear on the accelerator, everything else on the host.
struct GenerateWorkload {
  std::filesystem::path model;  ///< as in BlockWorkload
  Prompt prompt;
  int tokens = 64;          ///< to generate at most, greedily
  bool stop_at_eos = true;  ///< the text ends with the model's end-of-text token
  FlowSettings flow;
  HostCosts host_costs;
  HostStorage host_memory;
  HeadPlace head = HeadPlace::host;
  AttentionPlace attention = AttentionPlace::host;
  DriverMode driver = DriverMode::serial;
};

/// What the host's firmware does, and nothing else: it brings its own data.
struct FirmwareWorkload {};

/// The patterns of a model of which only the shape is known (flow/select/spread.h).
struct MixedPatterns {
  std::optional<Pattern> uniform;                             ///< that of all blocks but dense ones
  double sparsity = SelectionOptions().target;                ///< otherwise: mean over them ...
  std::vector<Candidate> candidates{{8, 8}, {4, 8}, {2, 8}};  ///< ... of these
  DenseEnds keep_dense{true, true};                           ///< blocks that are not pruned
  IndexPolicy policy = IndexPolicy::window_shared;            ///< for the architecture's window and columns
};

/// What a linear's outputs are.
enum class OutputType {
  int32,  ///< sums
  int8    ///< requantized by a scale per channel
};
std::string_view to_string(OutputType type);

/// A published model by its shapes alone: all linears one after the other on the accelerator for some tokens, or steps
/// in which the host takes part.
struct ShapesWorkload {
  static constexpr int kTokens = 128;  ///< where neither they nor steps are given

  std::filesystem::path model;  ///< a config.json
  std::optional<int> tokens;    ///< of the linears' one pass; none with steps
  std::vector<Step> steps;      ///< none: one pass
  MixedPatterns patterns;       ///< of the blocks
  int weight_bits = 8;          ///< of the blocks, 4 or 8
  OutputType outputs = OutputType::int32;
  bool lm_head = false;  ///< also the linear that gives the logits, dense; the host computes it in steps otherwise
  std::optional<HostCosts> host_costs;     ///< of steps
  std::optional<HostStorage> host_memory;  ///< of steps
};

using Workload = std::variant<GemmWorkload, BlockWorkload, GenerateWorkload, FirmwareWorkload, ShapesWorkload>;

/// Of a workload in which the native host computes what is no linear; null for others.
const HostCosts* host_costs_of(const Workload& workload);

enum class HostKind { native, riscv };
std::string_view to_string(HostKind host);

/// Where the other end of the UART's line is.
enum class UartLine { terminal, file, pty };
std::string_view to_string(UartLine line);

/// Who drives the accelerator. The members behind `kind` are those of `riscv`.
struct HostConfig {
  HostKind kind = HostKind::native;
  std::filesystem::path elf;           ///< firmware
  std::vector<std::string> arguments;  ///< of its main(), behind its name
  UartLine uart = UartLine::terminal;
  double clock_mhz = 1000;  ///< asked for; clock() is what runs
  riscv::Timing cycles;

  ClockPeriod clock() const { return ClockPeriod(clock_mhz); }
};

/// A further run of the same workload.
struct AlsoRun {
  Fidelity fidelity = Fidelity::rtl;
  std::vector<std::string> linears;  ///< as in BlockWorkload; empty: all of the workload's
};

struct TraceConfig {
  bool waveform = true;  ///< of the macros of rtl runs
  double from_ns = 0;    ///< simulated time of the run that is traced
  double to_ns = 20000;
  std::vector<SignalGlob> signals;  ///< empty: the standard selection
  bool fst = false;                 ///< wave.fst in place of wave.vcd
  bool soc = false;                 ///< the SoC of the scenario's own run
};

/// How the simulator works; nothing of it changes a result.
struct SimulationConfig {
  bool fast_path = true;  ///< docs/fast_path.md
  int threads = 0;        ///< AheadParameters::threads; no key: a sweep has a process for each processor
};

/// Everything resolved: defaults applied, files found, ranges checked.
struct Scenario {
  std::filesystem::path file;                   ///< it was read from
  std::vector<std::filesystem::path> extended;  ///< the files whose keys it takes
  std::string name;
  std::string description;
  Fidelity fidelity = Fidelity::tlm;
  Sequencing sequencing = Sequencing::grouped;
  Workload workload;
  Architecture architecture;
  Technology technology;
  HostConfig host;
  VerilogConfig verilog;
  std::vector<AlsoRun> also;
  TraceConfig trace;
  double power_window_ns = 1000;  ///< asked for; power_window_ps() is what runs
  bool toggles = false;           ///< counted in rtl runs; also where the technology wants measured activity
  SimulationConfig simulation;
  ObserveConfig observe;
  std::optional<FaultParameters> faults;
  Limits limits;
  std::vector<CompareAxis> compare;           ///< further runs, at every point of these axes
  std::optional<SweepSpec> sweep;             ///< design points (docs/sweeps.md)
  std::vector<Override> overrides;            ///< that it was loaded with
  std::map<std::string, std::string> places;  ///< file, line and column of each key that was given, and the key

  /// Where `key` ("workload.tokens") was given, as messages begin: "q.yaml:3:5: workload.tokens". A key that was not
  /// given has the place of the map that would hold it.
  std::string place(const std::string& key) const;
  /// Whether one of its runs is of this fidelity.
  bool runs_at(Fidelity wanted) const;
  std::int64_t power_window_ps() const { return std::llround(power_window_ns * 1000); }
};

/// Whether a scenario's list selects the linear with this full name ("model.layers.0.self_attn.q_proj"): a word of it
/// is that name, or its last parts ("q_proj", "self_attn.q_proj"). An empty list selects all.
bool selects_linear(const std::vector<std::string>& linears, const std::string& name);

/// Reads a scenario and what it names. Throws one InputError that lists every problem of every file, one a line.
/// Overrides change the scenario before it is checked; `fidelity` may be one of them.
Scenario load_scenario(const std::filesystem::path& file, const std::vector<Override>& overrides);

/// Loads the scenarios of the points of one, which has axes. Every file is read once: a point costs a fraction of what
/// load_scenario() takes, whatever number of values the axes have.
class PointLoader {
 public:
  /// Throws InputError where the scenario's file can no longer be read.
  explicit PointLoader(const Scenario& scenario);
  /// The scenario of the point that makes these changes: without `compare` and `sweep`. Throws as load_scenario().
  Scenario load(const std::vector<Override>& changes);

 private:
  std::filesystem::path file_;
  std::string text_;
  std::vector<Override> overrides_;
  KnownFiles known_files_;
};

/// The files that a run reads, except architectures and technologies.
std::vector<std::filesystem::path> input_files(const Scenario& scenario);

/// The effective configuration as YAML: every key with its value, architecture and technology in full, paths absolute.
/// load_scenario of it gives the same scenario.
std::string effective_yaml(const Scenario& scenario);
/// The file whose effective configuration `yaml` is, read from its first line; empty for another text.
std::string effective_yaml_source(std::string_view yaml);

/// The tables of all keys: title and markdown.
struct KeyTable {
  std::string title;
  std::string markdown;
};
std::vector<KeyTable> scenario_key_tables();

}  // namespace flexcim
