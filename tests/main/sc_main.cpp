// Catch2's session inside SystemC's entry point, for every test program that links SystemC: the kernel elaborates once
// per process, so ctest runs every case in a process of its own. A warning or an error of the simulator fails the test.
#include "tests/main/session.h"

#include <systemc>

int sc_main(int argc, char* argv[]) {
  sc_core::sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_THROW);
  sc_core::sc_report_handler::set_actions(sc_core::SC_ERROR, sc_core::SC_THROW);
  sc_core::sc_report_handler::set_actions("/IEEE_Std_1666/deprecated", sc_core::SC_DO_NOTHING);
  return flexcim::run_cases(argc, argv);
}
