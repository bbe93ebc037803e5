#include "platform/program/plain_runner.h"

#include "flow/base/error.h"
#include "flow/model/int8_runner.h"
#include "flow/pack/quantize.h"
#include "platform/config/block_parameters.h"
#include "platform/program/command_check.h"
#include "platform/program/placed_linears.h"
#include "tlm/engine/fast_engine.h"
#include "tlm/faults/faulty_engine.h"
#include "tlm/faults/faulty_memory.h"
#include "tlm/interface/memory_map.h"
#include "tlm/timing/plain_system.h"

#include <algorithm>
#include <cstring>
#include <map>

namespace flexcim {
namespace {

constexpr Cycle kNothingUnderWay = ~Cycle{0};

}  // namespace

struct PlainRunner::Hardware {
  Hardware(const Scenario& scenario, const std::vector<PackedLinear>& linears, std::size_t most_tokens)
      : placed(scenario),
        image(memory_map::dram),
        parameters(accelerator_parameters(scenario.architecture)),
        injector(scenario.faults.value_or(FaultParameters()), parameters, scenario.architecture.dram.protection),
        engine(parameters.macro, parameters.array),
        faulty_engine(engine, injector),
        dram(dram_parameters(scenario.architecture), place(scenario, linears, most_tokens)),
        bus(interconnect_parameters(scenario.architecture), dram, memory_map::dram),
        memory(scenario.architecture.dma, parameters.clock_ps, bus),
        faulty_memory(memory, injector, [] { return kNothingUnderWay; }),
        clock(parameters.clock_ps, memory),
        commands(parameters, faulty_memory, faulty_engine, clock) {
    memory.set_before_return([this] { commands.return_loans(); });
  }

  /// The contents of the memory.
  std::vector<std::uint8_t> place(const Scenario& scenario, const std::vector<PackedLinear>& linears,
                                  std::size_t most_tokens) {
    std::uint64_t inputs = 0, outputs = 0;
    for (const PackedLinear& linear : linears) {
      const PlacedLinear& added = placed.add(image, linear, most_tokens);
      inputs = std::max(inputs, most_tokens * added.command.activation_stride);
      outputs = std::max(outputs, most_tokens * added.command.output_stride);
    }
    descriptor = image.reserve("the descriptor", kDescriptorBytes);
    const std::uint64_t activations = image.reserve("activations of a linear", inputs);
    const std::uint64_t sums = image.reserve("outputs of a linear", outputs);
    for (PlacedLinear& each : placed.all()) {
      each.command.activations = activations;
      each.command.outputs = sums;
    }
    std::vector<std::uint8_t> bytes(image.bytes());
    image.load(bytes.data(), bytes.size());
    Findings findings;
    CommandCheck placed_commands(scenario, findings);
    placed.check(bytes.data(), placed_commands);
    placed_commands.finish();
    findings.finish();
    for (std::size_t i = 0; i < linears.size(); ++i) positions[linears[i].name] = i;
    return bytes;
  }

  std::uint8_t* at(std::uint64_t address) { return dram.bytes.data() + (address - memory_map::dram); }

  PlacedLinears placed;
  MemoryImage image;
  std::map<std::string, std::size_t> positions;  ///< of linears, by name
  std::uint64_t descriptor = 0;                  ///< address
  const AcceleratorParameters parameters;
  FaultInjector injector;
  FastEngine engine;
  FaultyEngine faulty_engine;
  PlainDram dram;
  PlainBus bus;
  PlainMemory memory;
  FaultyMemory faulty_memory;
  PlainClock clock;
  CommandUnit commands;
  Cycle now = 0;
  std::map<ErrorCode, std::uint64_t> reported;
};

PlainRunner::PlainRunner(const Scenario& scenario, std::vector<PackedLinear> linears, std::size_t most_tokens)
    : linears_(std::move(linears)), hardware_(std::make_unique<Hardware>(scenario, linears_, most_tokens)) {
  if (!hardware_->injector.aims_at(FaultSite::dram_commands)) return;
  throw InputError(scenario.place("faults.inject") + ": faults in soc.dram.commands need a simulation: flexcim run");
}

PlainRunner::~PlainRunner() = default;

bool PlainRunner::runs_head() const { return hardware_->positions.count(kHeadLinear) > 0; }

FaultResult PlainRunner::faults() const { return {hardware_->injector.counts(), hardware_->reported}; }

void PlainRunner::run(const LinearInfo& linear, MatrixView<const float> x, MatrixView<float> y) {
  Hardware& h = *hardware_;
  const std::size_t position = h.positions.at(linear.name);
  const PackedLinear& weights = linears_[position];
  const QuantizedInput input = quantize_input(linear.name, x, weights.activation_scale);
  Descriptor command = h.placed.all()[position].command;
  command.tokens = static_cast<std::uint32_t>(x.rows);
  for (std::size_t t = 0; t < x.rows; ++t) {
    std::memcpy(h.at(command.activations + t * command.activation_stride), input.values.row(t), x.cols);
  }
  const DescriptorImage image = encode(command);
  std::memcpy(h.at(h.descriptor), image.data(), image.size());
  const CommandRecord record = h.commands.run(h.descriptor, h.now);
  h.now = record.end + 1;
  Matrix<std::int32_t> sums(y.rows, y.cols);
  if (record.error == ErrorCode::none) {
    std::memcpy(sums.data(), h.at(command.outputs), sums.size() * sizeof(std::int32_t));
  } else {
    ++h.reported[record.error];
  }
  for (std::size_t t = 0; t < y.rows; ++t) {
    for (std::size_t o = 0; o < y.cols; ++o) y(t, o) = dequantize(sums(t, o), input.scales[t], weights.scales[o]);
  }
}

}  // namespace flexcim
