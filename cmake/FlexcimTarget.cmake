include(GNUInstallDirs)

# What every target of the project has in common: C++17 and C11, warnings, the repository root on the quote path (a directory
# named tlm/ sits there beside the system header <tlm>, so it must not be on the -I path).
function(flexcim_target target)
  target_compile_features(${target} PUBLIC cxx_std_17)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF C_STANDARD 11 C_EXTENSIONS OFF)
  target_compile_options(${target} PUBLIC
    "$<BUILD_INTERFACE:SHELL:-iquote \"${PROJECT_SOURCE_DIR}\">"
    "$<INSTALL_INTERFACE:SHELL:-iquote \"$<INSTALL_PREFIX>/${CMAKE_INSTALL_INCLUDEDIR}/flexcim\">")
  # Float results must not depend on the machine: no fused multiply-add unless the source says so.
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -ffp-contract=off
    $<$<COMPILE_LANGUAGE:C>:-pedantic>)
  if(CMAKE_UNITY_BUILD)
    # Several sources make one there: GCC takes what is private to each of them for what others can see, Clang a local name for
    # one that hides another source's.
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-subobject-linkage>
      $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-Wno-shadow>)
  endif()
  if(FLEXCIM_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(FLEXCIM_SANITIZE)
    # GCC 12 sees uninitialized reads inside <regex> and <functional> once the sanitizers have instrumented them.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
    target_compile_options(${target} PUBLIC -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(${target} PUBLIC -fsanitize=address,undefined)
  endif()
  if(FLEXCIM_FUZZ)
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
endfunction()

# What takes longer to compile than it ever runs: tests, whose time is spent in the libraries, and what is done once a command.
function(flexcim_quickly_compiled target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-Og>)
endfunction()

# flexcim_library(room SOURCES ... LINK ...): the library of one room, a folder like tlm/timing, with the alias
# flexcim::tlm_timing. Sources are named from the room. What a room may include is what it links; scripts/check_arrows.
function(flexcim_library room)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  string(REPLACE "/" "_" name ${room})
  list(TRANSFORM ARG_SOURCES PREPEND ${PROJECT_SOURCE_DIR}/${room}/)
  add_library(flexcim_${name} STATIC ${ARG_SOURCES})
  add_library(flexcim::${name} ALIAS flexcim_${name})
  set_target_properties(flexcim_${name} PROPERTIES EXPORT_NAME ${name})
  target_link_libraries(flexcim_${name} PUBLIC ${ARG_LINK})
  flexcim_target(flexcim_${name})
  set_property(GLOBAL APPEND PROPERTY FLEXCIM_LIBRARIES flexcim_${name})
endfunction()

set(FLEXCIM_CASE_SECONDS 120 CACHE STRING "Seconds that a test case may take; those who watch a program need more")

# flexcim_test(name SOURCES ... LINK ... [SLOW ALL|TAGGED]): a Catch2 program whose every case is a process of its own,
# since the SystemC kernel elaborates once per process. SLOW gives all cases, or those with the tag [slow], the label
# slow: scripts/check_debug leaves them out. The target fast_tests has every program but those that are slow in all.
function(flexcim_test name)
  cmake_parse_arguments(ARG "" "SLOW" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LINK})
  flexcim_target(${name})
  flexcim_quickly_compiled(${name})
  # A name with a semicolon falls apart in CMake's lists and would match no case: that has to fail.
  # Hidden cases ([.nightly]) are listed too unless a filter leaves them out.
  set(discover TEST_PREFIX "${name}: " DISCOVERY_MODE PRE_TEST EXTRA_ARGS -w NoTests PROPERTIES TIMEOUT ${FLEXCIM_CASE_SECONDS})
  if(ARG_SLOW STREQUAL ALL)
    catch_discover_tests(${name} TEST_SPEC "~[.]" ${discover} LABELS slow)
    return()
  endif()
  add_dependencies(fast_tests ${name})
  if(ARG_SLOW STREQUAL TAGGED)
    catch_discover_tests(${name} TEST_SPEC "~[.]~[slow]" ${discover})
    catch_discover_tests(${name} TEST_SPEC "~[.][slow]" ${discover} LABELS slow)
  else()
    catch_discover_tests(${name} TEST_SPEC "~[.]" ${discover})
  endif()
endfunction()
