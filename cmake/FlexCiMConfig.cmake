# find_package(FlexCiM): flexcim::flow, flexcim::rtl_models, flexcim::tlm, flexcim::platform.
include(${CMAKE_CURRENT_LIST_DIR}/FlexcimDependencies.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/FlexCiMTargets.cmake)
