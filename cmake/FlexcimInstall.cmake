# cmake --install: the flexcim command, scenarios, libraries and headers, the package FlexCiM, and the firmware kit. Headers lie in
# include/flexcim, which targets put on the quote path only: "tlm/..." is ours, <tlm> is SystemC's.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(FLEXCIM_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/FlexCiM)
get_property(libraries GLOBAL PROPERTY FLEXCIM_LIBRARIES)
install(TARGETS ${libraries} EXPORT FlexCiMTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
foreach(folder flow rtl_models tlm platform)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${folder} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/flexcim
    FILES_MATCHING PATTERN "*.h")
endforeach()
install(EXPORT FlexCiMTargets NAMESPACE flexcim:: DESTINATION ${FLEXCIM_PACKAGE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/FlexCiMConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES cmake/FlexCiMConfig.cmake cmake/FlexcimDependencies.cmake
  ${PROJECT_BINARY_DIR}/FlexCiMConfigVersion.cmake DESTINATION ${FLEXCIM_PACKAGE_DIR})

install(TARGETS flexcim RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/scenarios DESTINATION ${CMAKE_INSTALL_DATADIR}/flexcim)
# What scripts/verilate makes libraries of, in the folders where it looks for them.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/rtl_models/verilog DESTINATION ${CMAKE_INSTALL_DATADIR}/flexcim/rtl_models
  FILES_MATCHING PATTERN "*.sv" PATTERN "*.yaml")
install(FILES rtl_models/verilated/flexcim_rtl.h rtl_models/verilated/wrapper.cpp.in
  DESTINATION ${CMAKE_INSTALL_DATADIR}/flexcim/rtl_models/verilated)
install(PROGRAMS scripts/verilate DESTINATION ${CMAKE_INSTALL_DATADIR}/flexcim/scripts)
# The package FlexCiMFirmware, for another processor: sources, which every project compiles for itself.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/platform/firmware DESTINATION ${CMAKE_INSTALL_DATADIR}/flexcim)
