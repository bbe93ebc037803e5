# find_package(FlexCiM): a target for each room, among them flexcim::flow, flexcim::rtl_models, flexcim::tlm,
# flexcim::platform_soc and flexcim::platform_run.
include(${CMAKE_CURRENT_LIST_DIR}/FlexcimDependencies.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/FlexCiMTargets.cmake)
