#include "flow/select/token_file.h"

#include "flow/error.h"
#include "flow/safetensors_writer.h"
#include "tests/flow/scratch.h"

#include <catch2/catch.hpp>

namespace flexcim {
namespace {

TEST_CASE("text is a byte a token, for byte-level models only") {
  const Scratch scratch;
  const std::string path = write_file(scratch / "t.txt", "a\xFF\n");
  CHECK(read_tokens(path, 256) == std::vector<int>{97, 255, 10});
  CHECK_THROWS_WITH(read_tokens(path, 32000), Catch::Contains("t.txt: the model's vocabulary of 32000"));
  CHECK_THROWS_WITH(read_tokens(write_file(scratch / "e.txt", ""), 256), Catch::Contains("e.txt: there are no tokens"));
  CHECK_THROWS_AS(read_tokens(scratch / "missing", 256), InputError);
}

TEST_CASE("token ids come from a tensor") {
  const Scratch scratch;
  const std::string path = scratch / "t.safetensors";
  {
    SafetensorsWriter writer(path, {{"tokens", Dtype::i64, {2, 2}}});
    writer.write("tokens", std::vector<std::int64_t>{1, 2, 31999, 0});
    writer.finish();
  }
  CHECK(read_tokens(path, 32000) == std::vector<int>{1, 2, 31999, 0});
  CHECK_THROWS_WITH(read_tokens(path, 31999), Catch::Contains("id 31999 (element 2)"));
  {
    SafetensorsWriter writer(path, {{"tokens", Dtype::u8, {1}}});
    writer.write("tokens", std::vector<std::uint8_t>{1});
    writer.finish();
  }
  CHECK_THROWS_WITH(read_tokens(path, 32000), Catch::Contains("U8"));
}

}  // namespace
}  // namespace flexcim
