// tlm/engine/products_ahead.h: who forms the products does not show, whatever the accelerator does meanwhile.
#include "tests/flow/random_linear.h"
#include "tests/tlm/dram_device.h"
#include "tlm/engine/fast_engine.h"
#include "tlm/timing/plain_system.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <fmt/format.h>
#include <random>

namespace flexcim {
namespace {

constexpr std::uint64_t kBytes = 4 << 20, kActivations = 2 << 20, kOutputs = 3 << 20;

/// A layer in a memory, and the command that runs it, at address 0.
struct ProductsSystem {
  AcceleratorParameters parameters;
  Descriptor descriptor;
  std::vector<DirectoryEntry> entries;
  int tile_columns = 0, row_outputs = 0;
  std::vector<std::uint8_t> memory = std::vector<std::uint8_t>(kBytes);

  explicit ProductsSystem(unsigned seed) {
    std::mt19937 random(seed);
    const auto pick = [&](std::initializer_list<int> values) {
      return values.begin()[random() % static_cast<unsigned>(values.size())];
    };
    AcceleratorParameters& p = parameters;
    p.macro.rows = pick({8, 32});
    p.array.outputs = pick({1, 2});
    p.array.inputs = pick({1, 1, 3});
    if (random() % 3 == 0) p.weight_update = WeightUpdate::shadow;
    p.weights_resident = random() % 5 == 0;
    p.activation.bytes = static_cast<std::uint64_t>(pick({4096, 65536}));
    p.weight.bytes = static_cast<std::uint64_t>(pick({65536, 1 << 20}));
    const char* const patterns[] = {"dense", "1:2", "2:4", "1:8", "4:8"};
    const Pattern pattern = parse_pattern(patterns[random() % 5]);
    const int out = 1 + static_cast<int>(random() % 150), in = 8 + static_cast<int>(random() % 1500);
    const PackedLinear linear = test::random_linear(random, pattern, out, in, pick({0, 1}));
    const Matrix<std::int8_t> x = test::random_activations(random, 1 + static_cast<int>(random() % 20), in);
    const auto sequencing = random() % 4 == 0 ? Sequencing::scan : Sequencing::grouped;
    const TileLayout layout = make_layout(p.macro, pattern, sequencing, MergeMode::reduce, "test");
    const std::vector<std::uint8_t> image = encode_image(p.macro, layout, linear);
    const int tiles = tile_grid(layout, out, in).count();
    tile_columns = tile_grid(layout, out, in).inputs;
    row_outputs = layout.tile_outputs * p.array.outputs;
    for (int i = 0; i < tiles; ++i) entries.push_back(read_directory_entry(&image[std::size_t{16} * i]));
    Descriptor& d = descriptor;
    d.opcode = static_cast<std::uint8_t>(Opcode::gemm);
    d.pattern_n = static_cast<std::uint8_t>(pattern.n);
    d.pattern_m = static_cast<std::uint8_t>(pattern.m);
    d.sequencing = static_cast<std::uint8_t>(sequencing);
    d.window = static_cast<std::uint8_t>(p.macro.window);
    d.out = static_cast<std::uint32_t>(out);
    d.in = d.activation_stride = static_cast<std::uint32_t>(in);
    d.tokens = static_cast<std::uint32_t>(x.rows());
    d.weights = 4096;
    d.weights_bytes = static_cast<std::uint32_t>(image.size());
    d.activations = kActivations;
    d.outputs = kOutputs;
    d.output_stride = 4 * d.out;
    REQUIRE(d.weights + image.size() < kActivations);
    std::memcpy(&memory[d.weights], image.data(), image.size());
    std::memcpy(&memory[kActivations], x.data(), x.size());
  }

  /// Has the outputs of a row of tiles fall on the weights of the one behind it, which may have been looked at. Whether
  /// it does.
  bool write_on_weights(std::mt19937& random) {
    const std::size_t per_row = static_cast<std::size_t>(tile_columns * parameters.array.outputs);
    const std::size_t rows = (entries.size() + per_row - 1) / per_row;
    if (rows < 2) return false;
    const std::size_t row = random() % (rows - 1);
    const std::uint64_t at = descriptor.weights + entries[(row + 1) * per_row].offset;
    descriptor.outputs = (at - row * static_cast<std::uint64_t>(row_outputs) * 4) / 16 * 16;
    return true;
  }

  /// Has the outputs of the first token tiles fall on the activations of those behind them, which may have been looked
  /// at. Whether there may be any.
  bool write_on_activations(std::mt19937& random) {
    if (descriptor.tokens < 3) return false;
    descriptor.outputs = kActivations + (1 + random() % (descriptor.tokens - 2)) * descriptor.in / 16 * 16;
    return true;
  }

  /// What the command does, three times in a row. With 0 threads no products are formed ahead. Null: nobody listens.
  std::string run(int threads, std::uint64_t& added, BufferListener* listener = nullptr) const {
    std::vector<std::uint8_t> content = memory;
    const DescriptorImage image = encode(descriptor);
    std::memcpy(content.data(), image.data(), image.size());
    FastEngine engine(parameters.macro, parameters.array,
                      AheadParameters{threads, threads == 0 ? ~std::uint64_t{0} : 1});
    PlainSystem plain(parameters, {}, {1000, 32, 4}, dram_device("lpddr4"), 0, content, engine);
    if (listener != nullptr) plain.commands.set_buffer_listener(listener);
    std::string text;
    Cycle start = 0;
    for (int i = 0; i < 3; ++i) {
      const CommandRecord record = plain.commands.run(0, start);
      text += fmt::format("{}..{} {} load {} compute {}:", record.start, record.end, to_string(record.error),
                          record.gemm.load_cycles, record.gemm.compute_cycles);
      for (const auto& count : StatisticList<AcceleratorEvents>::list)
        text += fmt::format(" {}", count.of(record.gemm.events));
      text += "\n";
      start = record.end;
      // Where an error ends the command is what counts, not what was written before.
      if (record.error != ErrorCode::none) break;
      std::uint64_t hash = 1469598103934665603u;
      for (const std::uint8_t byte : plain.dram.bytes) hash = (hash ^ byte) * 1099511628211u;
      text += fmt::format("memory {:x}\n", hash);
      plain.memory.end_ahead();
    }
    added = engine.ahead()->added();
    return text;
  }
};

}  // namespace

TEST_CASE("Products ahead: cycles, counts, outputs and errors are those without") {
  std::uint64_t all = 0, all_alone = 0;
  int overwritten = 0, own_inputs = 0;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    ProductsSystem system(seed);
    std::mt19937 random(seed);
    const DirectoryEntry& entry = system.entries[random() % system.entries.size()];
    if (seed % 4 == 1) system.memory[system.descriptor.weights + entry.offset + random() % 64] = 0x80;
    if (seed % 2 == 0) overwritten += system.write_on_weights(random);
    std::uint64_t none = 0, alone = 0, added = 0;
    const std::string expected = system.run(0, none);
    CHECK(system.run(1, alone) == expected);
    CHECK(system.run(2, added) == expected);
    CHECK(none == 0);
    all += added;
    all_alone += alone;
    if (seed % 4 == 1) CHECK(expected.find(to_string(ErrorCode::image_weight)) != std::string::npos);
    if (seed % 6 != 3 || !system.write_on_activations(random)) continue;
    ++own_inputs;
    const std::string own = system.run(0, none);
    CHECK(system.run(1, added) == own);
    CHECK(system.run(2, added) == own);
  }
  CHECK(all > 100);  // of some 400: how many the other thread comes to is a matter of the machine's other work
  CHECK(all_alone > 100);
  CHECK(overwritten > 10);
  CHECK(own_inputs > 5);
}

TEST_CASE("Products ahead: who listens hears the same, and has them formed when they run where he looks at bytes") {
  /// Sums up what it hears, in whatever pieces.
  struct Listener : BufferListener {
    explicit Listener(bool looks_at_bytes) : looks(looks_at_bytes) {}
    void on_access(const BufferAccess& a) override {
      bytes += a.rows * a.row_bytes;
      for (std::uint64_t row = 0; row < a.rows; ++row) when += a.row_bytes * (a.at + row * a.row_cycles);
    }
    void on_free(BufferId, std::uint64_t freed, Cycle at) override { when -= freed * at; }
    void on_abort() override {}
    bool reads_bytes() const override { return looks; }

    const bool looks;
    std::uint64_t bytes = 0, when = 0;
  };
  std::uint64_t all = 0;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    const ProductsSystem system(seed);
    std::uint64_t none = 0, added = 0;
    const std::string expected = system.run(1, none);
    Listener looks(true), does_not(false);
    CHECK(system.run(1, none, &looks) == expected);
    CHECK(none == 0);
    CHECK(system.run(1, added, &does_not) == expected);
    CHECK(looks.bytes > 0);
    CHECK(does_not.bytes == looks.bytes);
    CHECK(does_not.when == looks.when);
    all += added;
  }
  CHECK(all > 30);
}

TEST_CASE("Products ahead: sums and errors of tiles, and what is dropped is not waited for") {
  MacroGeometry g;
  const TileLayout layout = make_layout(g, {4, 8}, Sequencing::grouped, MergeMode::reduce, "test");
  std::mt19937 random(7);
  const PackedLinear linear = test::random_linear(random, {4, 8}, 32, 8 * layout.tile_inputs, 1);
  std::vector<std::uint8_t> image = encode_image(g, layout, linear);
  Matrix<std::int8_t> x = test::random_activations(random, 3, linear.in);
  ProductsAhead ahead(g, {}, AheadParameters{2, 1});
  const auto post = [&](std::size_t tiles) -> ComingTiles& {
    ComingTiles* coming = nullptr;
    while (coming == nullptr) coming = ahead.begin(1, 1);  // after tiles that were dropped some are passed over
    coming->layout = layout;
    coming->out = linear.out;
    coming->row = 0;
    coming->count = tiles;
    coming->blobs.clear();
    for (std::size_t i = 0; i < tiles; ++i) {
      const DirectoryEntry entry = read_directory_entry(&image[kDirectoryEntryBytes * i]);
      coming->blobs.push_back(find_planes(g, layout, linear.out, 0, entry, &image[entry.offset]));
    }
    coming->activations = {x.data(), x.rows(), x.cols()};
    ahead.post(*coming);
    return *coming;
  };
  const auto sums = [&](std::size_t tiles, int threads) {
    Matrix<std::int32_t> found(x.rows(), static_cast<std::size_t>(layout.tile_outputs));
    MatrixView<std::int32_t> view{found.data(), found.rows(), found.cols()};
    if (threads == 1) {
      std::vector<TilePasses> passes;
      for (std::size_t i = 0; i < tiles; ++i) {
        const DirectoryEntry entry = read_directory_entry(&image[kDirectoryEntryBytes * i]);
        passes.push_back({find_planes(g, layout, linear.out, 0, entry, &image[entry.offset]),
                          {x.data() + i * static_cast<std::size_t>(layout.tile_inputs), x.rows(),
                           static_cast<std::size_t>(layout.tile_inputs), x.cols()}});
      }
      DataLineCache cache;
      add_tile_products(g, layout, passes, view, cache);
    } else {
      ComingTiles* coming = &post(tiles);
      while (!ahead.finish(*coming)) coming = &post(tiles);
      CHECK(coming->good);
      ahead.add(*coming, 0, view);
    }
    return found;
  };
  for (std::size_t tiles = 1; tiles <= 8; ++tiles) CHECK(sums(tiles, 2) == sums(tiles, 1));
  for (int i = 0; i < 20; ++i) {
    post(8);
    ahead.drop_all();
  }
  CHECK(sums(8, 2) == sums(8, 1));
  // Others, where these were.
  const Matrix<std::int8_t> others = test::random_activations(random, 3, linear.in);
  ahead.drop_all();
  std::copy_n(others.data(), others.size(), x.data());
  CHECK(sums(8, 2) == sums(8, 1));

  const DirectoryEntry entry = read_directory_entry(&image[kDirectoryEntryBytes * 5]);
  image[entry.offset + 77] = 0x80;
  ComingTiles* bad = &post(8);
  while (!ahead.finish(*bad)) bad = &post(8);
  CHECK_FALSE(bad->good);
  for (std::size_t i = 0; i < 8; ++i) CHECK(bad->errors[i] == (i == 5 ? ImageError::least_weight : ImageError::none));
}

TEST_CASE("Products ahead: one thread forms those that are used once when they run, as both do with few") {
  const MacroGeometry g;
  ProductsAhead single(g, {}, AheadParameters{1, 1}), large(g, {}, AheadParameters{2, 1000});
  CHECK(single.begin(1000, 1) == nullptr);
  CHECK(single.begin(1000, 2) != nullptr);  // saves reading the weights again
  CHECK(large.begin(999, 2) == nullptr);
  CHECK(large.begin(1000, 1) != nullptr);
}

}  // namespace flexcim
