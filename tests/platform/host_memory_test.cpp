// What the host's operators of a generation move: byte for byte, where it lies, and how long it takes.
#include "platform/program/host_memory.h"

#include "flow/model/load_model.h"
#include "platform/config/block_parameters.h"
#include "platform/config/hardware.h"
#include "platform/estimate/plain_soc.h"
#include "platform/run/watchdog.h"
#include "tests/flow/tiny_model.h"
#include "tests/platform/native_simulations.h"
#include "tlm/interface/memory_map.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <optional>

namespace flexcim {
namespace {

std::vector<std::string> texts(const std::vector<MemorySpan>& spans) {
  std::vector<std::string> texts;
  for (const MemorySpan& each : spans) {
    texts.push_back(fmt::format("{} {} at {}", each.write ? "write" : "read", each.bytes, each.address));
  }
  return texts;
}

void check(const std::vector<MemorySpan>& found, const std::vector<MemorySpan>& expected) {
  CHECK(texts(found) == texts(expected));
}

/// A model in a folder of its own, with its memory from address 0 on: pages of 4096 bytes.
struct Placed {
  Scratch scratch;
  std::unique_ptr<LanguageModel> model;
  MemoryImage image{0};
  std::optional<HostMemory> memory;

  Placed(const TinyModel& tiny, const HostStorage& storage, std::uint64_t tokens,
         HostMemory::Shares shares = {true, true}) {
    tiny.write(scratch.str());
    model = load_model(scratch.str());
    memory.emplace(image, *model, storage, tokens, shares);
  }
};

constexpr std::uint64_t kPage = 4096;

}  // namespace

TEST_CASE("Stored bytes: two a value, or one and a scale of four a row") {
  CHECK(stored_bytes(StorageType::fp16, {3, 20}) == 3 * 40);
  CHECK(stored_bytes(StorageType::int8, {3, 20}) == 3 * 24);
  CHECK(stored_bytes(StorageType::int8, {0, 0}) == 0);
}

TEST_CASE("Spans of a Llama: a row of embedding, the whole head, the end of the cache and all that is seen") {
  // Two layers, hidden 20, two key/value heads of 6, 50 ids. fp16: a row takes 40 bytes, a token of the cache 48.
  Placed placed(tiny_llama(1), {}, 10);
  HostMemory& memory = *placed.memory;
  check(memory.spans(OperatorClass::embedding, 0, {3, 0}), {{false, 0, 40}, {false, 40, 40}, {false, 80, 40}});
  check(memory.spans(OperatorClass::embedding, 0, {1, 0}), {{false, 120, 40}});
  check(memory.spans(OperatorClass::head, 0, {50, 0}), {{false, kPage, 2000}});
  const std::uint64_t first = 2 * kPage, second = 3 * kPage;
  // Three tokens come and see 1, 2 and 3: six in all, the three twice.
  check(memory.spans(OperatorClass::attention, 0, {6, 3}),
        {{true, first, 144}, {false, first, 144}, {false, first, 144}});
  check(memory.spans(OperatorClass::attention, 0, {4, 1}), {{true, first + 144, 48}, {false, first, 192}});
  check(memory.spans(OperatorClass::attention, 1, {6, 3}),
        {{true, second, 144}, {false, second, 144}, {false, second, 144}});
  // Three tokens see as many each as they like: two are the cache's end.
  check(memory.spans(OperatorClass::attention, 0, {2, 1}), {{true, first + 192, 48}, {false, first + 144, 96}});
  CHECK_THROWS_AS(memory.spans(OperatorClass::attention, 0, {0, 6}), std::logic_error);
  for (const OperatorClass none : {OperatorClass::norm, OperatorClass::softmax, OperatorClass::quantize}) {
    check(memory.spans(none, 0, {}), {});
  }
  CHECK(placed.image.bytes() == 4 * kPage);
}

TEST_CASE("Spans of a Llama in int8, and without a head of its own") {
  const HostStorage int8{StorageType::int8, StorageType::int8, StorageType::int8};
  Placed placed(tiny_llama(1), int8, 10), without(tiny_llama(1), int8, 10, {false, true});
  check(placed.memory->spans(OperatorClass::embedding, 0, {1, 0}), {{false, 0, 24}});
  check(placed.memory->spans(OperatorClass::head, 0, {50, 0}), {{false, kPage, 50 * 24}});
  // Four rows of six values: 4 x (6 + 4).
  check(placed.memory->spans(OperatorClass::attention, 0, {1, 1}), {{true, 2 * kPage, 40}, {false, 2 * kPage, 40}});
  check(without.memory->spans(OperatorClass::attention, 0, {1, 1}), {{true, kPage, 40}, {false, kPage, 40}});
}

TEST_CASE("Spans of a Mamba: the state comes and goes, its convolution's before its scan's") {
  // Two layers of 37 channels, 3 states, 4 taps: 111 values of either, four bytes each.
  Placed placed(tiny_mamba(1), {}, 10);
  const std::uint64_t state = 2 * kPage;
  check(placed.memory->spans(OperatorClass::convolution, 0, {111, 111}), {{false, state, 444}, {true, state, 444}});
  check(placed.memory->spans(OperatorClass::scan, 1, {111, 111}),
        {{false, state + kPage + 444, 444}, {true, state + kPage + 444, 444}});
}

TEST_CASE("Spans of a Llama whose cache the accelerator holds: scales alone") {
  // Four rows a token, a scale of four bytes each, whatever keys and values are stored as.
  Placed placed(tiny_llama(1), {}, 10, {true, false});
  const std::uint64_t first = 2 * kPage;
  check(placed.memory->spans(OperatorClass::attention, 0, {3, 3}), {{true, first, 48}, {false, first, 48}});
  check(placed.memory->spans(OperatorClass::attention, 0, {4, 1}), {{true, first + 48, 16}, {false, first, 64}});
}

TEST_CASE("Tokens that read keys and values together read them once, what one of them sees on average") {
  CHECK(cache_reads(6, 3, 1) == 6);
  CHECK(cache_reads(6, 3, 3) == 2);
  CHECK(cache_reads(6, 3, 2) == 4);
  CHECK(cache_reads(7, 3, 2) == 5);  // 4.67
  CHECK(cache_reads(5, 1, 64) == 5);
  CHECK(cache_reads(0, 0, 64) == 0);
  HostStorage together;
  together.queries = 3;
  Placed placed(tiny_llama(1), together, 10);
  check(placed.memory->spans(OperatorClass::attention, 0, {6, 3}),
        {{true, 2 * kPage, 144}, {false, 2 * kPage + 48, 96}});
}

TEST_CASE("A stream takes the crossbar's way, and the pace of the DRAM's bus") {
  // Published architecture: the crossbar has cycles of 2 ns and 4 register stages each way. A page is 128 bursts of 32
  // bytes in two rows; LPDDR4-3200 in clocks of 625 ps: it arrives after 8 ns, in clock 13; RCD 29, a column command
  // every 8 clocks, RL 28 and 8 of data behind the last one; 8 ns back.
  const Picoseconds page_ps = (13 + 29 + 127 * 8 + 28 + 8) * 625 + 8000;
  MemoryImage image(memory_map::dram);
  const std::uint64_t address = image.reserve("data", 4 * kPage);
  PlainSoc soc(load_hardware("flexcim_published").architecture, image, 1'000'000'000, [](std::uint64_t) {});
  soc.stream(false, address, kPage);
  CHECK(soc.now_ps() == page_ps);
  CHECK(soc.dram().events().read_bursts == 128);
  CHECK(soc.dram().events().activates == 2);
  CHECK(soc.counts().bus_bytes == kPage);
  CHECK(soc.counts().instructions == 0);
  CHECK(soc.counts().memory_reads == 0);  // DRAM counts them
  // Two ends of pages are two streams.
  soc.stream(true, address + 2 * kPage - 10, 20);
  CHECK(soc.dram().events().write_bursts == 2);
  CHECK_THROWS_WITH(soc.stream(false, memory_map::sram, 10), Catch::Contains("are no memory"));
}

TEST_CASE("A generation moves the bytes of its cache, embedding and head, and they cost time and energy") {
  const Scratch scratch;
  tiny_llama(33).write(scratch.str());
  SafetensorsWriter prompt(scratch / "prompt.safetensors", {{"tokens", Dtype::i32, {3}}});
  prompt.write("tokens", std::vector<std::int32_t>{7, 1, 30});
  prompt.finish();
  const auto load = [&](const char* keys) {
    return load_scenario(
        write_file(scratch / "g.yaml",
                   fmt::format("{{name: g, fidelity: tlm, workload: {{kind: generate, model: ., tokens: 4, flow: "
                               "{{keep_dense: none, objective: published, update: none}}, prompt: {{text: "
                               "prompt.safetensors, count: 3}}{}}}}}",
                               keys)),
        {});
  };
  const Scenario fp16 = load(""), int8 = load(", host_memory: {cache: int8, head: int8}"),
                 accelerator = load(", head: accelerator"), queued = load(", driver: queued");
  const auto job_of = [](const Scenario& scenario) {
    return generate_job(std::get<GenerateWorkload>(scenario.workload),
                        image_settings(scenario.architecture, scenario.sequencing));
  };
  const GenerateJob job = job_of(fp16), head_job = job_of(accelerator);
  Generation a("fp16", fp16, Fidelity::tlm, job), b("int8", int8, Fidelity::tlm, job),
      c("head", accelerator, Fidelity::tlm, head_job), d("queued", queued, Fidelity::tlm, job);
  run_to_end({&a, &b, &c, &d}, {}, sc_core::sc_time(1000, sc_core::SC_NS), [&](std::uint64_t window) {
    for (Generation* each : {&a, &b, &c, &d}) each->sample(window);
  });
  const SimulationResult plain = a.result(), small = b.result(), with_head = c.result(), overlapped = d.result();
  const auto work = [](const SimulationResult& result, std::size_t part,
                       OperatorClass operators) -> const OperatorResult& {
    return result.generation->parts.at(part).operators[static_cast<std::size_t>(operators)];
  };
  using C = OperatorClass;
  // Two layers; a token of the cache takes 2 x 2 x 6 values. Three tokens see 1 + 2 + 3, then each of three 4, 5, 6.
  CHECK(work(plain, 0, C::attention).read_bytes == 2 * 6 * 48);
  CHECK(work(plain, 0, C::attention).written_bytes == 2 * 3 * 48);
  CHECK(work(plain, 1, C::attention).read_bytes == 2 * (4 + 5 + 6) * 48);
  CHECK(work(plain, 1, C::attention).written_bytes == 2 * 3 * 48);
  CHECK(work(small, 1, C::attention).read_bytes == 2 * (4 + 5 + 6) * 40);
  CHECK(work(plain, 0, C::embedding).read_bytes == 3 * 40);
  CHECK(work(plain, 1, C::embedding).read_bytes == 3 * 40);
  CHECK(work(plain, 0, C::head).read_bytes == 50 * 40);
  CHECK(work(plain, 1, C::head).read_bytes == 3 * 50 * 40);
  CHECK(work(small, 1, C::head).read_bytes == 3 * 50 * 24);
  CHECK(work(plain, 1, C::norm).read_bytes == 0);
  for (const C each : {C::attention, C::embedding, C::head}) {
    CHECK(work(plain, 1, each).energy.of(Component::dram) > work(small, 1, each).energy.of(Component::dram) * 2 / 3);
    CHECK(work(plain, 1, each).energy.of(Component::interconnect) > 0);
  }
  CHECK(work(plain, 1, C::embedding).wait_ps > 0);  // 25 cycles of 1 ns for a row that has to come from DRAM

  CHECK(with_head.match());
  CHECK(with_head.layers.size() == plain.layers.size() + 2);
  CHECK(work(with_head, 1, C::head).units == 0);
  CHECK(work(with_head, 1, C::head).read_bytes == 0);
  CHECK(std::count_if(with_head.layers.begin(), with_head.layers.end(), [](const LayerResult& layer) {
          return layer.name == "decode/lm_head" && layer.tokens == 3 && layer.match && layer.pattern.dense();
        }) == 1);

  CHECK(overlapped.match());
  CHECK(overlapped.generation->tokens == plain.generation->tokens);
  CHECK(overlapped.time_ps < plain.time_ps);
  for (std::size_t part = 0; part < 2; ++part) {
    const GenerationPart& each = overlapped.generation->parts[part];
    CHECK(each.time.hidden_ps > 0);
    CHECK(each.time.driver_ps > 0);
    // Inputs are quantized once for q, k and v, and for gate and up.
    CHECK(work(overlapped, part, C::quantize).units == 3u * 2 * (20 + 24 + 20 + 27));
    CHECK(work(overlapped, part, C::head).hidden_ps == 0);
    CHECK(work(overlapped, part, C::activation).hidden_ps > 0);  // of gate, while up runs
  }
}

}  // namespace flexcim
