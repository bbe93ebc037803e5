#pragma once

namespace flexcim {

/// Runs the cases of a test program that its arguments name, and returns what Catch2 exits with: 0 where all have
/// passed.
int run_cases(int argc, char* argv[]);

}  // namespace flexcim
