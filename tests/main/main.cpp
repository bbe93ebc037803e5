#include "tests/main/session.h"

int main(int argc, char* argv[]) { return flexcim::run_cases(argc, argv); }
