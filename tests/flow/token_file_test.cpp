#include "flow/select/token_file.h"

#include "flow/base/error.h"
#include "flow/base/safetensors_writer.h"
#include "tests/flow/scratch.h"

#include <catch2/catch.hpp>

namespace flexcim {
namespace {

using Rows = std::vector<std::vector<int>>;

void write_tokens(const std::string& path, const std::vector<std::size_t>& shape, std::vector<std::int64_t> ids) {
  SafetensorsWriter writer(path, {{"tokens", Dtype::i64, shape}});
  writer.write("tokens", ids);
  writer.finish();
}

/// A model of which only the vocabulary is known.
ModelText ids_below(int vocabulary) { return {"no such model", vocabulary}; }

TEST_CASE("text is a byte a token where a model has no tokenizer and a vocabulary of 256") {
  const Scratch scratch;
  const std::string path = write_file(scratch / "t.txt", "a\xFF\n");
  const ModelText bytes(scratch.str(), 256);
  CHECK(read_tokens(path, bytes) == Rows{{97, 255, 10}});
  CHECK(bytes.of({97, 255, 10}, TextPart::continued) == "a\xFF\n");
  CHECK_THROWS_WITH(read_tokens(write_file(scratch / "e.txt", ""), bytes),
                    Catch::Contains("e.txt: there are no tokens"));
  CHECK_THROWS_AS(read_tokens(scratch / "missing", bytes), InputError);
  const ModelText ids(scratch.str(), 32000);
  CHECK_THROWS_WITH(read_tokens(path, ids),
                    scratch.str() +
                        ": there is no tokenizer.json or tokenizer.model, and the model's vocabulary of 32000 "
                        "is not bytes: put its tokenizer there, or give token ids, tensor \"tokens\" of a "
                        ".safetensors file");
  CHECK(ids.of({1, 31999}, TextPart::whole) == "1 31999");
}

TEST_CASE("token ids come from a tensor") {
  const Scratch scratch;
  const std::string path = scratch / "t.safetensors";
  write_tokens(path, {4}, {1, 2, 31999, 0});
  CHECK(read_tokens(path, ids_below(32000)) == Rows{{1, 2, 31999, 0}});
  CHECK_THROWS_WITH(read_tokens(path, ids_below(31999)), Catch::Contains("id 31999 (element 2)"));
  {
    SafetensorsWriter writer(path, {{"tokens", Dtype::u8, {1}}});
    writer.write("tokens", std::vector<std::uint8_t>{1});
    writer.finish();
  }
  CHECK_THROWS_WITH(read_tokens(path, ids_below(32000)), Catch::Contains("U8"));
}

TEST_CASE("rows of a tensor of tokens are sequences of their own") {
  const Scratch scratch;
  const std::string path = scratch / "t.safetensors";
  write_tokens(path, {2, 3}, {1, 2, 3, 4, 5, 6});
  CHECK(read_tokens(path, ids_below(7)) == Rows{{1, 2, 3}, {4, 5, 6}});
  CHECK_THROWS_WITH(read_tokens(path, ids_below(6)), Catch::Contains("id 6 (element 5)"));
  write_tokens(path, {1, 3}, {1, 2, 3});
  CHECK(read_tokens(path, ids_below(7)) == Rows{{1, 2, 3}});
  write_tokens(path, {}, {4});
  CHECK(read_tokens(path, ids_below(7)) == Rows{{4}});
  write_tokens(path, {1, 2, 2}, {1, 2, 3, 4});
  CHECK_THROWS_WITH(read_tokens(path, ids_below(7)),
                    Catch::EndsWith("tensor tokens has shape [1,2,2]; tokens are one sequence, "
                                    "[count], or rows of separate ones, [rows,count]"));
  for (const std::vector<std::size_t>& empty : {std::vector<std::size_t>{0}, {0, 3}, {3, 0}}) {
    write_tokens(path, empty, {});
    CHECK_THROWS_WITH(read_tokens(path, ids_below(7)), Catch::Contains("there are no tokens"));
  }
}

}  // namespace
}  // namespace flexcim
