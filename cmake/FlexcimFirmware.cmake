include(ExternalProject)
find_program(FLEXCIM_RISCV_GCC riscv64-unknown-elf-gcc)

# flexcim_firmware_project(name folder PROGRAMS...): the target NAME, which builds FOLDER, a project of its own with its own
# compiler, into firmware/NAME of the build folder, where the PROGRAMS are then. Its build system knows what is to be done.
function(flexcim_firmware_project name folder)
  set(place ${PROJECT_BINARY_DIR}/firmware/${name})
  list(TRANSFORM ARGN PREPEND ${place}/)
  ExternalProject_Add(${name}
    PREFIX ${PROJECT_BINARY_DIR}/firmware/external
    SOURCE_DIR ${folder}
    BINARY_DIR ${place}
    CMAKE_ARGS -DCMAKE_TOOLCHAIN_FILE=${PROJECT_SOURCE_DIR}/platform/firmware/cmake/riscv32.cmake
    BUILD_ALWAYS ON
    BUILD_BYPRODUCTS ${ARGN}
    INSTALL_COMMAND "")
endfunction()
