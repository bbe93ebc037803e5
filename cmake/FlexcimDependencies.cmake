# What the libraries are linked with, all of it from Debian 12: for the project itself and for projects that find it.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(fmt REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(muparser REQUIRED)
find_package(SQLite3 REQUIRED)
pkg_check_modules(SystemC REQUIRED IMPORTED_TARGET systemc)
pkg_check_modules(PCRE2 REQUIRED IMPORTED_TARGET libpcre2-8)
pkg_check_modules(Utf8proc REQUIRED IMPORTED_TARGET libutf8proc)
# Without it only models with a tokenizer.model and no tokenizer.json need something else: token ids.
pkg_check_modules(SentencePiece IMPORTED_TARGET sentencepiece)
