#include "rtl_models/kernels/column_dot.h"

#include "flow/base/simd.h"

#include <catch2/catch.hpp>
#include <random>

namespace flexcim {
namespace {

TEST_CASE("column dot: every instruction set gives the exact sums, extremes included") {
  std::mt19937 random(7);
  for (const auto& [rows, cols, lines_of_row, planes] : {std::tuple{32, 32, 2, 4},
                                                         {1, 1, 2, 1},
                                                         {2, 8, 4, 1},
                                                         {256, 256, 2, 2},
                                                         {16, 64, 8, 4},
                                                         {64, 16, 32, 1},
                                                         {1, 4, 1, 1},
                                                         {32, 32, 1, 1},
                                                         {256, 16, 1, 1}}) {
    std::vector<int> weight(rows * cols), metadata(rows * cols);
    std::vector<ColumnDot> dots;  // one of each instruction set
    for (const Simd set : machine_simd()) {
      const SimdOverride use(set);
      dots.emplace_back(rows, cols, lines_of_row, planes);
    }
    for (int write = 0; write < 2; ++write) {  // the second time over old words
      for (int c = 0; c < cols; ++c) {
        for (int r = 0; r < rows; ++r) {
          weight[c * rows + r] = r % 5 == 0 ? (c % 2 == 0 ? 127 : -128) : static_cast<int>(random() % 255) - 127;
          metadata[c * rows + r] = static_cast<int>(random() % static_cast<unsigned>(lines_of_row * planes));
          for (ColumnDot& dot : dots) {
            dot.write(c, r, static_cast<std::int8_t>(weight[c * rows + r]),
                      static_cast<std::uint8_t>(metadata[c * rows + r]));
          }
        }
      }
    }
    std::vector<std::int8_t> lines(rows * lines_of_row);
    for (auto& line : lines) line = random() % 4 == 0 ? -128 : static_cast<std::int8_t>(random());
    for (int plane = 0; plane < planes; ++plane) {
      std::vector<std::int32_t> expected(cols);
      for (int c = 0; c < cols; ++c) {
        for (int r = 0; r < rows; ++r) {
          const int m = metadata[c * rows + r];
          if (m / lines_of_row != plane) continue;
          expected[c] += weight[c * rows + r] * lines[r * lines_of_row + m % lines_of_row];
        }
      }
      for (std::size_t i = 0; i < dots.size(); ++i) {
        INFO(name_of(machine_simd()[i]) << ", " << rows << " x " << cols << ", " << lines_of_row << " lines, plane "
                                        << plane);
        std::vector<std::int32_t> sums(cols);
        dots[i].sums(plane, lines.data(), sums.data());
        CHECK(sums == expected);
      }
    }
  }
}

}  // namespace
}  // namespace flexcim
