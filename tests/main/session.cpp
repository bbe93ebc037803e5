// Catch2's own code takes the compiler half a minute: here, once for every test program.
#define CATCH_CONFIG_RUNNER
#include "tests/main/session.h"

#include <catch2/catch.hpp>

int flexcim::run_cases(int argc, char* argv[]) { return Catch::Session().run(argc, argv); }
