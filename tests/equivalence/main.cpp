// Catch2's session inside SystemC's entry point: the kernel elaborates once per process, so every case is a process of
// its own.
#define CATCH_CONFIG_RUNNER
#include <systemc>

#include <catch2/catch.hpp>

int sc_main(int argc, char* argv[]) {
  sc_core::sc_report_handler::set_actions("/IEEE_Std_1666/deprecated", sc_core::SC_DO_NOTHING);
  return Catch::Session().run(argc, argv);
}
