// power.csv and activity.csv.
#pragma once

#include "platform/results/window_file.h"

namespace flexcim {

inline constexpr const char* kPowerFile = "power.csv";
inline constexpr const char* kActivityFile = "activity.csv";

/// mW by component.
WindowFile<PowerWindow> power_file();
/// What accelerator and memory do.
WindowFile<ActivityWindow> activity_file();

/// ",cells_UNIT,…": the columns of the components.
std::string component_columns(const char* unit);

}  // namespace flexcim
