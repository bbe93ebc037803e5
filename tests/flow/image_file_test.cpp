// Weight images in a file: mapped as they were encoded, and refused where anything is another.
#include "flow/map/image_file.h"

#include "flow/base/content_hash.h"
#include "flow/base/error.h"
#include "flow/model/int8_matmul.h"
#include "flow/pack/packed_model.h"
#include "tests/flow/random_linear.h"
#include "tests/flow/scratch.h"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <functional>
#include <sys/mman.h>
#include <sys/resource.h>

using namespace flexcim;

namespace {

std::vector<PackedLinear> two_linears() {
  std::mt19937 random(1);
  std::vector<PackedLinear> linears{test::random_linear(random, {4, 8}, 40, 300, 1),
                                    test::random_linear(random, {}, 33, 64)};
  linears[0].name = "a.q";
  linears[1].name = "a.k";
  return linears;
}

/// Memory of this process that is not that of a file.
std::size_t private_bytes() {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    if (line.rfind("RssAnon:", 0) == 0) return std::stoul(line.substr(8)) * 1024;
  }
  return 0;
}

/// Two linears, and the file of their images.
struct Example {
  Scratch scratch;
  ImageSettings settings;
  std::vector<PackedLinear> linears = two_linears();
  std::string path = image_file_path(scratch / "packed", settings);

  Example() { write_image_file(path, settings, linears); }
  std::string problem() const {
    return message_of<InputError>([this] { read_image_file(path, settings, linears); });
  }
  void change(const std::function<void(std::string&)>& change) const {
    std::string bytes = file_bytes(path);
    change(bytes);
    write_file(path, bytes);
  }
};

}  // namespace

TEST_CASE("A content hash differs wherever one bit does and for another length") {
  std::mt19937 random(3);
  std::vector<std::uint8_t> bytes(200);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  const std::uint64_t whole = content_hash(bytes.data(), bytes.size());
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    CHECK(content_hash(bytes.data(), bytes.size()) != whole);
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
  }
  CHECK(content_hash(bytes.data(), bytes.size()) == whole);
  CHECK(content_hash(bytes.data(), bytes.size() - 1) != whole);
  const std::vector<std::uint8_t> zeros(128);
  CHECK(content_hash(zeros.data(), 64) != content_hash(zeros.data(), 128));
  CHECK(content_hash(zeros.data(), 60) != content_hash(zeros.data(), 64));
  CHECK(content_hash(zeros.data(), 64, 1) != content_hash(zeros.data(), 64));
}

TEST_CASE("A file of images holds what encoding makes whole pages from pages on") {
  const Example example;
  const auto images = read_image_file(example.path, example.settings, example.linears);
  REQUIRE(images.size() == 2);
  for (std::size_t i = 0; i < images.size(); ++i) {
    CHECK(images[i] == MappedVector<std::uint8_t>(weight_image(example.settings, example.linears[i])));
    CHECK(reinterpret_cast<std::uintptr_t>(images[i].data()) % 4096 == 0);
  }
  const auto second = read_image_file(example.path, example.settings, {example.linears[1]});
  CHECK(second.at(0) == images[1]);
}

TEST_CASE("A mapped image lies over memory copied on write") {
  const Example example;
  const auto images = read_image_file(example.path, example.settings, example.linears);
  const std::size_t bytes = 1 << 20;
  void* const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  REQUIRE(memory != MAP_FAILED);
  auto* const first = static_cast<std::uint8_t*>(memory);
  CHECK_FALSE(images[0].map_over(first + 16));  // no page begins there
  CHECK(first[16] == 0);
  REQUIRE(images[0].map_over(first + 4096));
  CHECK(std::memcmp(first + 4096, images[0].data(), images[0].size()) == 0);
  first[4096 + 5] ^= 0xFF;
  CHECK(first[4096 + 5] != images[0][5]);
  CHECK(read_image_file(example.path, example.settings, example.linears)[0] == images[0]);  // the file is as it was
  CHECK_FALSE(MappedVector<std::uint8_t>(std::vector<std::uint8_t>(9)).map_over(first));
  ::munmap(memory, bytes);
}

TEST_CASE("Images of other weights settings or bytes are refused by file and linear") {
  Example example;
  SECTION("none is") { CHECK(example.problem().empty()); }
  SECTION("a value") {
    example.linears[1].values[70] ^= 1;
    CHECK(example.problem() == example.path + ": its image of a.k is of other weights");
  }
  SECTION("an index") {
    example.linears[0].indices[0] ^= 1;
    CHECK_THAT(example.problem(), Catch::Contains("a.q is of other weights"));
  }
  SECTION("a setting") {
    example.settings.sequencing = Sequencing::dense_slot;
    CHECK_THAT(example.problem(), Catch::Contains("a.q is of other weights"));
    CHECK(image_file_path(example.scratch / "packed", example.settings) != example.path);
  }
  SECTION("a linear that it does not have") {
    example.linears[0].name = "b.q";
    CHECK(example.problem() == example.path + ": has no image of b.q");
  }
  SECTION("a byte of an image") {
    example.change([](std::string& bytes) { bytes[4096 + 700] ^= 4; });
    CHECK_THAT(example.problem(), Catch::Contains("a.q is damaged"));
  }
  SECTION("a hash") {
    example.change([](std::string& bytes) {
      char& digit = bytes[bytes.find("\"a.q\":\"") + 7 + 20];
      digit = digit == '0' ? '1' : '0';
    });
    CHECK_THAT(example.problem(), Catch::Contains("a.q is damaged"));
  }
  SECTION("truncated") {
    example.change([](std::string& bytes) { bytes.resize(bytes.size() - 4096); });
    CHECK_THAT(example.problem(), Catch::Contains(example.path) && Catch::Contains("truncated"));
  }
  SECTION("another file") {
    write_file(example.path, "not at all");
    CHECK_THAT(example.problem(), Catch::Contains(example.path));
  }
}

TEST_CASE("Entries of a packed file and images take no memory of their own") {
  const Scratch scratch;
  const std::string path = scratch / "packed";
  const ImageSettings settings;
  std::mt19937 random(2);
  {
    PackedLinear linear = test::random_linear(random, {4, 8}, 1024, 2048, 1);
    linear.name = "a.q";
    PackedModelWriter writer(path, {{"a.q", {4, 8}, linear.policy, linear.window, 8, linear.out, linear.in}}, {},
                             {"{}", "{}"});
    writer.write(linear);
    writer.finish();
    write_image_file(path + ".image", settings, {linear});
  }
  const Matrix<std::int8_t> x = test::random_activations(random, 3, 2048);
  Matrix<std::int32_t> y(3, 1024);
  const std::size_t before = private_bytes();
  const PackedModel packed(path);
  const PackedLinear linear = packed.load(0);
  int8_matmul(x, linear, y);
  const auto images = read_image_file(path + ".image", settings, {linear});
  void* const memory = ::mmap(nullptr, 4 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  REQUIRE(images[0].map_over(memory));
  const MappedVector<std::uint8_t> copy = images[0];
  CHECK(std::equal(copy.begin(), copy.end(), static_cast<const std::uint8_t*>(memory)));
  REQUIRE(linear.values.size() + linear.indices.size() + copy.size() > 3'000'000);
  CHECK(private_bytes() < before + 1'000'000);
  ::munmap(memory, 4 << 20);
}

TEST_CASE("Where the disk is full no file of images is left and an older one stays") {
  const Example example;
  const std::string before = file_bytes(example.path);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{9000, RLIM_INFINITY};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  CHECK_THROWS_AS(write_image_file(example.path, example.settings, example.linears), std::system_error);
  CHECK_THROWS_AS(write_image_file(example.scratch / "new", example.settings, example.linears), std::system_error);
  CHECK(file_bytes(example.path) == before);
  CHECK(std::distance(std::filesystem::directory_iterator(example.scratch.str()), {}) == 1);
}
