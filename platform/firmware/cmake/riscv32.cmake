# Toolchain of the simulated processor, Debian's packages gcc-riscv64-unknown-elf and picolibc-riscv64-unknown-elf:
#   cmake -S . -B build -G Ninja -DCMAKE_TOOLCHAIN_FILE=.../cmake/riscv32.cmake
# Without CMAKE_BUILD_TYPE: -O2, with assertions; Debug is for stepping, MinSizeRel small. Symbols are always there: only the file
# is larger by them.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR riscv32)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
find_program(FLEXCIM_RISCV_GCC riscv64-unknown-elf-gcc)
if(NOT FLEXCIM_RISCV_GCC)
  message(FATAL_ERROR "There is no riscv64-unknown-elf-gcc here: apt-get install gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf")
endif()
set(CMAKE_C_COMPILER ${FLEXCIM_RISCV_GCC})
set(CMAKE_ASM_COMPILER ${FLEXCIM_RISCV_GCC})
# With the older of the instruction set's texts -march=rv32imac includes Zicsr and Zifencei. Where -march names them, GCC 12 finds
# no library for it and links one for another hart.
set(flexcim_machine "-march=rv32imac -misa-spec=2.2 -mabi=ilp32")
set(CMAKE_C_FLAGS_INIT "${flexcim_machine} --specs=picolibc.specs -ffunction-sections -fdata-sections -g -O2")
set(CMAKE_C_FLAGS_DEBUG_INIT "-Og")
set(CMAKE_ASM_FLAGS_INIT "${flexcim_machine} -g")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-nostartfiles")
# find_package(FlexCiMFirmware) finds what lies beside this file.
set(FlexCiMFirmware_DIR ${CMAKE_CURRENT_LIST_DIR})
