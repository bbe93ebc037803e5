#include <systemc>

#include <catch2/catch.hpp>

TEST_CASE("A warning of SystemC does not pass unseen") {
  CHECK_THROWS_AS(SC_REPORT_WARNING("test", "made on purpose"), sc_core::sc_report);
}
