#include "tests/rtl_models/random_case.h"

#include "tests/flow/random_patterns.h"

namespace flexcim {

MacroCase random_case(std::mt19937& random) {
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  MacroCase made;
  made.geometry.sub_macros = 1 + below(16);
  made.geometry.rows = 1 << below(below(16) == 0 ? 9 : 5);
  made.geometry.cols = 1 << below(below(16) == 0 ? 9 : 5);
  const int log_pairs = below(5);
  made.geometry.pairs_per_set = 1 << log_pairs;
  made.geometry.window = 1 << below(log_pairs + 1);
  made.geometry.psum_depth = 1 + below(4);
  made.geometry.patterns = test::random_patterns(random, made.geometry.sub_macros, made.geometry.pairs_per_set);
  const std::vector<Pattern> patterns = supported_patterns(made.geometry);
  if (made.geometry.largest_m() <= MacroGeometry::most_int4_m) made.geometry.int4_per_cell = 1 + below(2);
  const int weight_bits = made.geometry.int4_per_cell == 2 && below(2) == 0 ? 4 : 8;
  // A draw per statement: compilers evaluate arguments in orders of their own.
  const MergeMode merge = below(2) == 0 ? MergeMode::reduce : MergeMode::concat;
  const Sequencing sequencing = kSequencings[below(static_cast<int>(kSequencings.size()))].value;
  const Pattern pattern = patterns[below(static_cast<int>(patterns.size()))];
  made.layout = make_layout(made.geometry, pattern, sequencing, merge, "test", weight_bits);
  made.phases = made.layout.column_phases();
  if (made.layout.selects) {
    made.phases *= 1 + below(std::min(made.geometry.cols, 4));
  }
  made.update = below(2) == 0 ? WeightUpdate::blocking : WeightUpdate::shadow;
  return made;
}

std::string describe(const MacroCase& c) {
  const MacroGeometry& g = c.geometry;
  return "P " + std::to_string(g.sub_macros) + " R " + std::to_string(g.rows) + " C " + std::to_string(g.cols) + " I " +
         std::to_string(g.pairs_per_set) + " w " + std::to_string(g.window) + " depth " + std::to_string(g.psum_depth) +
         " of " + test::patterns_text(g) + " " + to_string(c.layout.pattern) + " " +
         std::string(to_string(c.layout.sequencing)) + " " + std::string(to_string(c.layout.merge)) + " S " +
         std::to_string(c.phases) + " int" + (c.layout.cell_weights == 2 ? "4 " : "8 ") +
         std::string(to_string(c.update));
}

std::unique_ptr<MacroBench> make_bench(const MacroCase& c, int number) {
  return std::make_unique<MacroBench>("macro" + std::to_string(number), c.geometry, c.update);
}

}  // namespace flexcim
