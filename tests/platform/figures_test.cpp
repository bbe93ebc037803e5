// The shipped figures against what they are derived from: docs/energy.md has the same arithmetic.
#include "platform/config/data_files.h"
#include "platform/config/figure_list.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

namespace flexcim {
namespace {

/// To three digits.
Approx rounded(double value) {
  const double unit = std::pow(10, std::floor(std::log10(value)) - 2);
  return Approx(std::round(value / unit) * unit);
}

std::vector<std::string> paths(const std::vector<NamedFigure>& figures) {
  std::vector<std::string> paths;
  for (const NamedFigure& each : figures) paths.push_back(each.path);
  return paths;
}

/// What the schema documents as figures; those of a list's entries with the number of each entry.
template <class T>
std::vector<std::string> documented(const Schema<T>& schema, std::size_t entries = 0) {
  std::vector<std::string> keys, of_entries;
  for (const KeyDoc& key : schema.document()) {
    if (key.type != "figure") continue;
    const bool of_entry = key.key.find(".N.") != std::string::npos;
    (of_entry ? of_entries : keys).push_back(key.key);
  }
  for (std::size_t i = 0; i < entries; ++i) {
    for (std::string key : of_entries) keys.push_back(key.replace(key.find(".N."), 3, "." + std::to_string(i) + "."));
  }
  return keys;
}

}  // namespace

TEST_CASE("LPDDR4: energies follow from the currents of a data sheet, mA at V, clocks of 0.625 ns") {
  const DramFigures lpddr4 = load_dram_device("lpddr4").energy;
  const DramParameters timing = load_dram_device("lpddr4").timing;
  struct Rail {
    double volts, idd0, idd2n, idd3n, idd4r, idd4w, idd5;
  };
  const Rail rails[] = {{1.8, 3.5, 2.0, 2.25, 2.25, 2.25, 10}, {1.1, 45, 27, 30, 275, 210, 90}};
  const double io_volts = 1.1, io_read = 150, io_write = 55, io_idle = 0.75;
  const double clock = 0.625;                                   // ns, so that mA x V x ns is pJ
  const double burst = timing.burst_clocks * clock;             // 5 ns
  const int bits = 8 * timing.bus_bytes * timing.burst_length;  // 256
  double activate = 0, refresh = 0, precharged = io_volts * io_idle, open = io_volts * io_idle;
  double read = io_volts * (io_read - io_idle) * burst, write = io_volts * (io_write - io_idle) * burst;
  for (const Rail& rail : rails) {
    activate += rail.volts * ((rail.idd0 - rail.idd3n) * timing.ras + (rail.idd0 - rail.idd2n) * timing.rp) * clock;
    refresh += rail.volts * (rail.idd5 - rail.idd3n) * timing.rfc * clock;
    read += rail.volts * (rail.idd4r - rail.idd3n) * burst;
    write += rail.volts * (rail.idd4w - rail.idd3n) * burst;
    precharged += rail.volts * rail.idd2n;
    open += rail.volts * rail.idd3n;
  }
  CHECK(lpddr4.read.value == rounded(read / bits));
  CHECK(lpddr4.write.value == rounded(write / bits));
  CHECK(lpddr4.activate.value == rounded(activate / 1000));
  CHECK(lpddr4.refresh.value == rounded(refresh / 1000));
  CHECK(lpddr4.standby.value == rounded((precharged + open) / 2));
}

TEST_CASE("28 nm: logic follows from a NAND2 of 0.7 fF at 0.9 V of which half switches") {
  const Technology tech = load_technology("28nm");
  const double nand2 = 0.7 * 0.9 * 0.9 * 0.5, xor2 = 1.5 * nand2;
  const double full_adder = 3 * nand2 + 2 * xor2;
  CHECK(full_adder == Approx(1.701));
  CHECK(tech.energy.add_16.value == rounded(16 * full_adder));
  CHECK(tech.energy.add_20.value == rounded(20 * full_adder));
  CHECK(tech.energy.add_22.value == rounded(22 * full_adder));
  CHECK(tech.energy.add_32.value == rounded(32 * full_adder));
  // Of the 64 NAND2 that make the partial products, the weight's input stands still.
  CHECK(tech.energy.int8_multiply.value == rounded(56 * full_adder + 64 * nand2 / 2));
  // Four weight bits drive four of the seven rows of adders, and their NAND2 see another weight in every phase.
  CHECK(tech.energy.int4_multiply.value == rounded(4 * 8 * full_adder + 4 * 8 * nand2));
  CHECK(tech.energy.mux2_per_bit.value == Approx(3 * nand2).epsilon(0.001));
  CHECK(tech.energy.mux4_per_bit.value == rounded(9 * nand2));
  CHECK(tech.energy.cell_write_per_bit.value == rounded(607.0 * 81 / 64 / 64));
  CHECK(tech.area.full_adder.value == rounded((3 + 2 * 2.4) * tech.area.nand2.value));
  CHECK(tech.area.flip_flop.value == rounded(6 * tech.area.nand2.value));
  CHECK(tech.area.cell_bit.value == rounded(tech.area.sram_per_kib.value / 8192));
}

TEST_CASE("28 nm: SRAM lies on straight lines between CACTI's 22 and 32 nm") {
  struct Run {
    int bytes;
    double read22, write22, read32, write32;
  };
  const Run runs[] = {{8192, 0.089, 0.193, 0.199, 0.455},
                      {32768, 0.223, 0.379, 0.477, 0.894},
                      {131072, 0.598, 0.647, 1.305, 1.521},
                      {524288, 1.307, 1.222, 2.947, 2.760},
                      {2097152, 2.891, 2.726, 6.216, 5.224}};
  const std::vector<SramPoint> points = load_technology("28nm").sram.points;
  REQUIRE(points.size() == 5);
  const double along = (28.0 - 22) / (32 - 22);
  for (std::size_t i = 0; i < points.size(); ++i) {
    CHECK(points[i].bytes == runs[i].bytes);
    CHECK(points[i].read.value == rounded(runs[i].read22 + along * (runs[i].read32 - runs[i].read22)));
    CHECK(points[i].write.value == rounded(runs[i].write22 + along * (runs[i].write32 - runs[i].write22)));
  }
}

TEST_CASE("7 nm and DRAM: figures per 64 bits of a published table") {
  const Technology tech = load_technology("7nm");
  const double per_64_bits[] = {7.5, 8.5, 14};  // pJ; 8 KiB, 32 KiB, 1 MiB
  for (std::size_t i = 0; i < 3; ++i)
    CHECK(tech.sram.points[i].read.value == Approx(per_64_bits[i] / 8).epsilon(0.005));
  CHECK(load_dram_device("ddr4").energy.flat.value == rounded(1300.0 / 64));
  // What is scaled from 28 nm.
  const Technology old = load_technology("28nm");
  CHECK(tech.energy.wire.value == rounded(0.46 * old.energy.wire.value));
  CHECK(tech.energy.cell_write_per_bit.value ==
        rounded(old.energy.cell_write_per_bit.value * 0.55));  // 30 / 54.4, of the 32-bit additions
}

TEST_CASE("The list of figures has every figure of the schema, with what the file says of it") {
  const Technology tech = load_technology("28nm");
  const std::vector<NamedFigure> figures = figures_of(tech);
  const std::vector<std::string> names = paths(figures);
  CHECK(names.size() == 16 + 2 * 5 + 2 + 5 + 1);
  CHECK_THAT(names, Catch::UnorderedEquals(documented(technology_schema(), tech.sram.points.size())));
  CHECK(names[13] == "energy.wire");
  CHECK(figures[13].figure.value == tech.energy.wire.value);
  CHECK(figures[13].figure.unit == "pJ/B/mm");
  CHECK(figures[13].figure.tag == tech.energy.wire.tag);
  CHECK(figures[13].figure.source == tech.energy.wire.source);
  CHECK(names[17] == "sram.points.0.write");
  CHECK(figures[17].figure.value == tech.sram.points[0].write.value);

  CHECK(paths(figures_of(load_dram_device("lpddr4"))) == documented(dram_device_schema()));
  CHECK(paths(figures_of(load_dram_device("hbm2"))) == std::vector<std::string>{"energy.flat"});
}

}  // namespace flexcim
