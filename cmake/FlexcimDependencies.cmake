# What the libraries are linked with, all of it from Debian 12: for the project itself and for projects that find it.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(fmt REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
pkg_check_modules(SystemC REQUIRED IMPORTED_TARGET systemc)
