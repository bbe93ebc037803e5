#include "platform/config/scenario_schema.h"

#include "platform/config/data_files.h"
#include "platform/config/faults_schema.h"
#include "platform/config/sweep_schema.h"
#include "platform/config/workload_schema.h"
#include "platform/yaml/yaml_types.h"

#include <cctype>

namespace flexcim {
namespace {

constexpr double kLongestNs = 1e15;
constexpr const char* kVerilogNameCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";

Schema<AlsoRun> also_schema() {
  Schema<AlsoRun> s;
  s.key("fidelity", &AlsoRun::fidelity, choice<Fidelity>({Fidelity::tlm, Fidelity::rtl, Fidelity::verilog}),
        "of this run")
      .required();
  s.key("linears", &AlsoRun::linears, linears_type(), "of the workload's linears");
  return s;
}

YamlType<SignalGlob> glob_type() {
  return {"glob", "",
          [](YamlReader& reader, const std::string& path, const YAML::Node& node, SignalGlob& target) {
            text("glob").read(reader, path, node, target.text);
            target.place = reader.place(path, node);
          },
          [](YAML::Emitter& out, SignalGlob& value) { out << value.text; }, [](SignalGlob&) { return json_word(); }};
}

Schema<TraceConfig> trace_schema() {
  Schema<TraceConfig> s;
  s.key("waveform", &TraceConfig::waveform, flag(), "write wave.vcd and wave.gtkw of the macros of the first rtl run");
  s.key("from", &TraceConfig::from_ns, real(0, kLongestNs, "ns"), "simulated time at which it begins");
  s.key("to", &TraceConfig::to_ns, real(0, kLongestNs, "ns"), "and ends");
  s.key("signals", &TraceConfig::signals, list_of(glob_type()),
        "globs (* and ?) over hierarchical names; none: the standard selection");
  s.key("fst", &TraceConfig::fst, flag(), "write wave.fst in place of wave.vcd, by GTKWave's vcd2fst");
  s.key("soc", &TraceConfig::soc, flag(), "write the signals of the SoC of the scenario's own run, at any fidelity");
  return s;
}

Schema<ObserveConfig> observe_schema() {
  Schema<ObserveConfig> s;
  s.key("transactions", &ObserveConfig::transactions,
        choice<TransactionFormat>({TransactionFormat::none, TransactionFormat::csv}),
        "write every transaction into transactions.csv; slower");
  s.key("protocol_checker", &ObserveConfig::protocol_checker, flag(),
        "a violation of the TLM-2.0 base protocol ends the run, exit code 3; slower");
  s.key("registers", &ObserveConfig::registers, flag(),
        "write every access of the host to a device into registers.log");
  s.key("profile", &ObserveConfig::profile, flag(),
        "write what a riscv host's firmware spends in each function into profile.txt; slower");
  s.key("interrupts", &ObserveConfig::interrupts, flag(), "measure how late interrupts are served, for summary.json");
  s.key("timeline", &ObserveConfig::timeline, flag(),
        "write what host, accelerator and memory do into timeline.json, for Perfetto; slower");
  s.key("timeline_from", &ObserveConfig::timeline_from_ns, real(0, kLongestNs, "ns"),
        "simulated time at which it begins");
  s.key("timeline_to", &ObserveConfig::timeline_to_ns, real(0, kLongestNs, "ns"), "and ends");
  return s;
}

Schema<Limits> limits_schema() {
  Schema<Limits> s;
  s.key("simulated_ms", &Limits::simulated_ms, real(1e-6, 1e9, "ms"), "of simulated time");
  s.key("wall_s", &Limits::wall_s, real(1e-3, 1e9, "s"), "of real time");
  return s;
}

YamlType<std::uint16_t> cycles_type(int least = 0) {
  const YamlType<int> number = whole(least, 65535, "cycles");
  return {number.type, number.unit,
          [number](YamlReader& reader, const std::string& path, const YAML::Node& node, std::uint16_t& target) {
            int value = target;
            number.read(reader, path, node, value);
            target = static_cast<std::uint16_t>(value);
          },
          [](YAML::Emitter& out, std::uint16_t& value) { out << value; },
          [number](std::uint16_t& value) {
            int wide = value;
            return number.json(wide);
          }};
}

Schema<riscv::Timing> instruction_schema() {
  using T = riscv::Timing;
  constexpr int in_every_loop = 1;  // one of them is, and time has to go on
  Schema<T> s;
  s.key("alu", &T::alu, cycles_type(), "of an instruction that is in no other class");
  s.key("mul", &T::mul, cycles_type(), "mul");
  s.key("mulh", &T::mulh, cycles_type(), "mulh, mulhsu, mulhu");
  s.key("div", &T::div, cycles_type(), "div, divu, rem, remu");
  s.key("load", &T::load, cycles_type(), "lb, lh, lw, lbu, lhu; without what memory takes, as the next two");
  s.key("store", &T::store, cycles_type(), "sb, sh, sw");
  s.key("atomic", &T::atomic, cycles_type(), "lr.w, sc.w, amo*.w");
  s.key("branch", &T::branch, cycles_type(), "not taken");
  s.key("branch_taken", &T::branch_taken, cycles_type(in_every_loop), "in all");
  s.key("jump", &T::jump, cycles_type(in_every_loop), "jal, jalr");
  s.key("csr", &T::csr, cycles_type(), "csrrw and the like");
  s.key("mret", &T::mret, cycles_type(in_every_loop), "mret");
  s.key("trap", &T::trap, cycles_type(in_every_loop),
        "in place of the instruction that traps, or before an interrupt's handler");
  return s;
}

Schema<HostConfig> host_schema() {
  using H = HostConfig;
  Schema<H> s;
  s.key("kind", &H::kind, choice<HostKind>({HostKind::native, HostKind::riscv}),
        "flexcim's own driver, or firmware on a RISC-V hart");
  s.key("elf", &H::elf, path_type("path"), "firmware of a riscv host: executable for RV32IMAC, required for one");
  s.key("arguments", &H::arguments, list_of(text("text")), "of the firmware's main(), behind its name");
  s.key("uart", &H::uart, choice<UartLine>({UartLine::terminal, UartLine::file, UartLine::pty}),
        "what a riscv host's UART sends appears on the terminal, in uart.txt alone, or on a pseudo terminal, where one "
        "can type, too");
  s.key("clock_mhz", &H::clock_mhz, real(1, 100000, "MHz"), "of a riscv host; its period is a whole number of ps");
  s.key("cycles", &H::cycles, map_of(instruction_schema()), "of a riscv host's instructions");
  return s;
}

/// A kind alone, or a map.
YamlType<HostConfig> host_type() {
  YamlType<HostConfig> type = map_of(host_schema());
  type.type = "kind | map";
  type.read = [read = type.read](YamlReader& reader, const std::string& path, const YAML::Node& node,
                                 HostConfig& target) {
    if (!node.IsScalar()) return read(reader, path, node, target);
    choice<HostKind>({HostKind::native, HostKind::riscv}).read(reader, path, node, target.kind);
  };
  type.json = [json = type.json](HostConfig& host) {
    const JsonSchema map = json(host);
    return json_any_of({map["properties"]["kind"], map});
  };
  return type;
}

bool is_verilog_name(const std::string& name) {
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) == 0 &&
         name.find_first_not_of(kVerilogNameCharacters) == std::string::npos;
}

/// Names of the user's own, each with a value.
YamlType<std::vector<VerilogParameter>> parameters_type() {
  using Parameters = std::vector<VerilogParameter>;
  YamlType<Parameters> type;
  type.type = "map of values";
  type.read = [](YamlReader& reader, const std::string& path, const YAML::Node& node, Parameters& target) {
    if (!node.IsMap()) return reader.problem(path, node, "expected a map: the name of each parameter and its value");
    target.clear();
    for (const auto& entry : node) {
      const std::string name = entry.first.Scalar(), here = join_path(path, name);
      reader.visit(here, entry.second);
      if (!is_verilog_name(name)) {
        reader.problem(here, entry.second, "is no name of a parameter");
        continue;
      }
      target.push_back({name, ""});
      text("value").read(reader, here, entry.second, target.back().value);
    }
  };
  type.write = [](YAML::Emitter& out, Parameters& parameters) {
    out << YAML::BeginMap;
    for (const VerilogParameter& each : parameters) out << YAML::Key << each.name << YAML::Value << each.value;
    out << YAML::EndMap;
  };
  type.json = [](Parameters&) { return JsonSchema{{"type", "object"}, {"additionalProperties", json_word()}}; };
  return type;
}

Schema<VerilogConfig> verilog_schema() {
  using V = VerilogConfig;
  Schema<V> s;
  s.key("sources", &V::sources, list_of(path_type("path")),
        "SystemVerilog of a macro with the documented pins; none: the project's own");
  s.key("top", &V::top, text("name"), "its top module");
  s.key("parameters", &V::parameters, parameters_type(),
        "of the top module, beyond those that follow from the architecture");
  return s;
}

Schema<SimulationConfig> simulation_schema() {
  Schema<SimulationConfig> s;
  s.key("fast_path", &SimulationConfig::fast_path, flag(),
        "let the accelerator run ahead of simulated time where nothing can disturb it; results are the same");
  return s;
}

Schema<Scenario> declare_scenario() {
  Schema<Scenario> s;
  s.elsewhere(kExtends, "path", "", "", "scenario whose keys this one takes, and changes some of them", json_word());
  s.key("name", &Scenario::name, text("name"), "shown in results").required();
  s.key("description", &Scenario::description, text(), "free text");
  s.key("fidelity", &Scenario::fidelity,
        choice<Fidelity>({Fidelity::tlm, Fidelity::rtl, Fidelity::verilog, Fidelity::estimate}),
        "transaction-level, the pin-accurate macro under the same accelerator, one in SystemVerilog beside it, "
        "or arithmetic alone")
      .required();
  s.key("workload", &Scenario::workload, workload_type(), "what runs; keys by kind below").required();
  s.key("architecture", &Scenario::architecture, architecture_type(), "the accelerator; keys below")
      .initially("flexcim_published");
  s.key("technology", &Scenario::technology, technology_type(), "what events cost; keys below").initially("28nm");
  s.key("sequencing", &Scenario::sequencing, choice(all_sequencings()),
        "how tiles run whose columns want different pairs");
  s.key("host", &Scenario::host, host_type(), "who drives the accelerator");
  s.key("verilog", &Scenario::verilog, map_of(verilog_schema()), "whose macro runs at fidelity verilog");
  s.key("also", &Scenario::also, list_of(map_of(also_schema())), "further runs of the same workload");
  s.key("compare", &Scenario::compare, list_of(compare_axis_type()),
        "further runs at every point of these axes; of the workload shapes");
  s.key("sweep", &Scenario::sweep, optional_of(sweep_type()),
        "design points of `flexcim sweep` ([sweeps.md](sweeps.md))");
  s.key("trace", &Scenario::trace, map_of(trace_schema()), "waveforms");
  s.key("toggles", &Scenario::toggles, flag(), "count toggles of rtl runs, for summary.json; slower");
  s.key("observe", &Scenario::observe, map_of(observe_schema()), "what is written down of the SoC while it runs");
  s.key("faults", &Scenario::faults, optional_of(map_of(faults_schema())),
        "bits that go wrong in the accelerator and its memories: docs/faults.md");
  s.key("power_window_ns", &Scenario::power_window_ns, real(1, kLongestNs, "ns"), "span of a row of power.csv");
  s.key("limits", &Scenario::limits, map_of(limits_schema()), "a simulation that takes longer is ended, exit code 3");
  s.key("simulation", &Scenario::simulation, map_of(simulation_schema()), "how the simulator works");
  return s;
}

}  // namespace

const Schema<Scenario>& scenario_schema() {
  static const Schema<Scenario> schema = declare_scenario();
  return schema;
}

KeyPlace scenario_key(const Scenario& scenario, const std::string& path) {
  try {
    return scenario_schema().find(const_cast<Scenario&>(scenario), path);  // a schema's owner can be read into
  } catch (const InputError& error) {
    throw InputError(path + ": " + error.what());
  }
}

std::vector<KeyTable> scenario_key_tables() {
  return {{"scenario", markdown_table(scenario_schema().document())},
          {"gemm", markdown_table(gemm_schema().document())},
          {"block", markdown_table(block_schema().document())},
          {"generate", markdown_table(generate_schema().document())},
          {"firmware", markdown_table(firmware_schema().document())},
          {"shapes", markdown_table(shapes_schema().document())},
          {"architecture", markdown_table(architecture_schema().document())},
          {"DRAM device", markdown_table(dram_device_schema().document())},
          {"technology", markdown_table(technology_schema().document())}};
}

}  // namespace flexcim
