# find_package(FlexCiMFirmware), with the toolchain file beside this one:
#   flexcim_firmware(NAME SOURCES...)   the executable NAME.elf, with start-up code, driver and the memory map of flexcim.ld
get_filename_component(FLEXCIM_FIRMWARE_FOLDER ${CMAKE_CURRENT_LIST_DIR} DIRECTORY)
enable_language(ASM)

if(NOT TARGET flexcim_firmware_kit)
  add_library(flexcim_firmware_kit STATIC EXCLUDE_FROM_ALL
    ${FLEXCIM_FIRMWARE_FOLDER}/driver/flexcim_driver.c
    ${FLEXCIM_FIRMWARE_FOLDER}/driver/flexcim_soc.c
    ${FLEXCIM_FIRMWARE_FOLDER}/runtime/flexcim_console.c
    ${FLEXCIM_FIRMWARE_FOLDER}/runtime/flexcim_runtime.c
    ${FLEXCIM_FIRMWARE_FOLDER}/runtime/start.S
    ${FLEXCIM_FIRMWARE_FOLDER}/runtime/trap.S)
  set_target_properties(flexcim_firmware_kit PROPERTIES C_STANDARD 11 C_EXTENSIONS OFF)
  target_include_directories(flexcim_firmware_kit SYSTEM INTERFACE
    ${FLEXCIM_FIRMWARE_FOLDER}/driver ${FLEXCIM_FIRMWARE_FOLDER}/runtime)
  target_include_directories(flexcim_firmware_kit PRIVATE ${FLEXCIM_FIRMWARE_FOLDER}/driver ${FLEXCIM_FIRMWARE_FOLDER}/runtime)
  target_compile_options(flexcim_firmware_kit PRIVATE $<$<COMPILE_LANGUAGE:C>:-Wall;-Wextra;-Wconversion;-pedantic>)
  target_link_options(flexcim_firmware_kit INTERFACE -T${FLEXCIM_FIRMWARE_FOLDER}/runtime/flexcim.ld)
  set_property(TARGET flexcim_firmware_kit PROPERTY INTERFACE_LINK_DEPENDS ${FLEXCIM_FIRMWARE_FOLDER}/runtime/flexcim.ld)
endif()

function(flexcim_firmware name)
  add_executable(${name} ${ARGN})
  set_target_properties(${name} PROPERTIES SUFFIX .elf)
  target_link_libraries(${name} PRIVATE flexcim_firmware_kit)
endfunction()
