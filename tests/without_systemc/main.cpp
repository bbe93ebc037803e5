// A program that does everything but simulate: reads a scenario, prices events, plans a command, prints registers.
// Exits with 0 if the SystemC kernel is nowhere in it.
#include "flow/base/error.h"
#include "platform/config/scenario.h"
#include "platform/energy/energy_model.h"
#include "tlm/interface/registers.h"
#include "tlm/timing/command_plan.h"
#include "tlm/timing/crossbar_timing.h"
#include "tlm/timing/dram_timing.h"

#include <cstdio>
#include <fstream>
#include <string>

int main(int, char* arguments[]) {
  try {
    const flexcim::Scenario scenario = flexcim::load_scenario(arguments[1], {});
    const flexcim::EnergyModel energy(scenario.architecture, scenario.technology, scenario.sequencing);
    flexcim::DramTiming dram(scenario.architecture.dram.device.timing);
    const flexcim::CrossbarTiming crossbar({scenario.architecture.clock().ps(), 32, 4});
    const auto delivered = crossbar.delivered(dram.access(0, 0, 256, false), false, 256, 0);
    const bool computed = delivered > 0 && !flexcim::register_table(flexcim::accelerator_registers::map()).empty();

    std::ifstream maps("/proc/self/maps");
    std::string line;
    bool kernel = false;
    while (std::getline(maps, line)) kernel = kernel || line.find("libsystemc") != std::string::npos;
    if (kernel) std::puts("the SystemC kernel is loaded");
    return computed && !kernel ? 0 : 1;
  } catch (const flexcim::InputError& error) {
    std::puts(error.what());
    return 1;
  }
}
