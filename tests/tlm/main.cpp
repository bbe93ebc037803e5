// Catch's session inside SystemC's entry point. A warning or error of the simulator fails the test (ctest runs every
// case in a process of its own).
#define CATCH_CONFIG_RUNNER
#include <systemc>

#include <catch2/catch.hpp>

int sc_main(int argc, char* argv[]) {
  sc_core::sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_THROW);
  sc_core::sc_report_handler::set_actions(sc_core::SC_ERROR, sc_core::SC_THROW);
  return Catch::Session().run(argc, argv);
}
