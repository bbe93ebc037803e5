#include "rtl_models/signals/clock.h"

#include <catch2/catch.hpp>

namespace flexcim {
namespace {

using sc_core::SC_NS;
using sc_core::sc_time;

struct Counter : sc_core::sc_module {
  sc_core::sc_in<bool> clock{"clock"};
  std::vector<double> rises, falls;

  explicit Counter(const sc_core::sc_module_name& name) : sc_module(name) {
    SC_HAS_PROCESS(Counter);
    SC_METHOD(on_rise);
    sensitive << clock.pos();
    dont_initialize();
    SC_METHOD(on_fall);
    sensitive << clock.neg();
    dont_initialize();
  }
  void on_rise() { rises.push_back(sc_core::sc_time_stamp() / sc_time(1, SC_NS)); }
  void on_fall() {
    falls.push_back(sc_core::sc_time_stamp() / sc_time(1, SC_NS));
    CHECK_FALSE(clock.read());
  }
};

TEST_CASE("clock: edges where they belong, a stopped clock has none and starts again where it is told") {
  Clock clock("clock", sc_time(2, SC_NS));
  Counter counter("counter");
  counter.clock(clock);
  sc_core::sc_start(sc_time(5.5, SC_NS));
  CHECK(counter.rises == std::vector<double>{0, 2, 4});
  CHECK(counter.falls == std::vector<double>{1, 3, 5});
  clock.stop();
  sc_core::sc_start(sc_time(9.5, SC_NS));
  CHECK(counter.rises.size() == 3);
  clock.start(sc_time(3, SC_NS));  // now 15 ns
  clock.start(sc_time(1, SC_NS));  // runs already
  sc_core::sc_start(sc_time(6.5, SC_NS));
  CHECK(counter.rises == std::vector<double>{0, 2, 4, 18, 20});
  CHECK(counter.falls == std::vector<double>{1, 3, 5, 19, 21});
}

}  // namespace
}  // namespace flexcim
