// Bad input to the flow commands: exit code 2, one line that names the culprit, and nothing half-written.
#include "tests/platform/flexcim_command.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <limits>
#include <sys/stat.h>

using namespace flexcim;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

const std::string kWeight = "model.layers.3.mlp.down_proj.weight";

std::vector<std::string> prune(const ModelFolder& folder) {
  return {"flow", "prune", folder.path(), "--calibration", folder.calibration(), "-o", folder / "packed"};
}

/// refusal(), and that the output is as it was and no part of another lies beside it.
std::string refused_prune(const ModelFolder& folder, const std::vector<std::string>& arguments) {
  write_file(folder / "packed", "older");
  const std::string message = refusal(arguments);
  CHECK(file_bytes(folder / "packed") == "older");
  CHECK_FALSE(std::filesystem::exists(folder / "packed.partial"));
  return message;
}

std::string refused_prune(const ModelFolder& folder) { return refused_prune(folder, prune(folder)); }

/// A safetensors file taken apart.
struct Parts {
  json header;
  std::string data;

  explicit Parts(const std::string& bytes) {
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), sizeof length);
    header = json::parse(bytes.substr(8, length));
    data = bytes.substr(8 + length);
  }
  std::string bytes() const {
    const std::string text = header.dump();
    const std::uint64_t length = text.size();
    return std::string(reinterpret_cast<const char*>(&length), 8) + text + data;
  }
};

}  // namespace

TEST_CASE("flow: NaN and infinite weights are reported by tensor and index") {
  for (const float value : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
    TinyModel model = byte_llama(61);
    model.tensors[kWeight].values[27 * 2 + 5] = value;
    const ModelFolder folder(model);
    const std::string expected = "tensor " + kWeight + ": element [2,5] is " + (std::isnan(value) ? "NaN" : "infinite");
    CHECK_THAT(refused_prune(folder), Contains(expected));
    // Without calibration the last block is read when most of the file is written.
    CHECK_THAT(refused_prune(folder, {"flow", "prune", folder.path(), "--method", "magnitude", "--pattern", "2:4",
                                      "--activation-scale", "dynamic", "-o", folder / "packed"}),
               Contains(expected));
    CHECK_THAT(refusal({"flow", "analyze", folder.path(), "--calibration", folder.calibration()}), Contains(expected));
    CHECK_THAT(refusal({"flow", "eval", folder.path()}), Contains(expected));
  }
  TinyModel mamba = byte_mamba(62);
  mamba.tensors["backbone.layers.1.mixer.A_log"].values[4] = std::nanf("");
  CHECK_THAT(refused_prune(ModelFolder(mamba)), Contains("tensor backbone.layers.1.mixer.A_log: element [1,1] is NaN"));
}

TEST_CASE("flow: calibration text that is empty, too short or none at all") {
  const ModelFolder folder(byte_llama(63));
  const auto with = [&](const std::string& text) {
    write_file(folder.calibration(), text);
    return refused_prune(folder);
  };
  CHECK_THAT(with(""), Contains("calibration.txt: there are no tokens in it"));
  CHECK_THAT(with(random_text(1, 63)), Contains("calibration.txt: 63 tokens are less than one sequence of 64"));
  std::filesystem::remove(folder.calibration());
  CHECK_THAT(refused_prune(folder), Contains("calibration.txt: cannot be opened"));
  std::filesystem::create_directory(folder.calibration());
  CHECK_THAT(refused_prune(folder), Contains("calibration.txt: is not a regular file"));
  CHECK_THAT(refused_prune(folder, {"flow", "prune", folder.path(), "-o", folder / "packed"}),
             Contains("--calibration"));
  CHECK_THAT(refusal({"flow", "analyze", folder.path()}), Contains("--calibration is needed"));
  const ModelFolder words(tiny_llama(63, false, kLayers, 300));
  CHECK_THAT(refused_prune(words), Contains("the model's vocabulary of 300 is not bytes"));
}

TEST_CASE("flow: patterns that the hardware cannot run, and files of patterns that are none") {
  const ModelFolder folder(byte_llama(64));
  const auto with = [&](const std::vector<std::string>& more) { return refused_prune(folder, prune(folder) + more); };
  CHECK_THAT(with({"--candidates", "2:4,8:16"}), Contains("candidate 8:16") && Contains("2:4"));
  CHECK_THAT(with({"--candidates", "2:4,3:7"}), Contains("candidate 3:7"));
  CHECK_THAT(with({"--sub-macros", "2", "--candidates", "4:8"}), Contains("candidate 4:8"));
  CHECK_THAT(with({"--method", "uniform", "--pattern", "5:8"}),
             Contains("--pattern: the hardware (P = 4, I = 4) cannot run pattern 5:8"));
  CHECK_THAT(with({"--method", "uniform", "--pattern", "4:2"}), Contains("\"4:2\""));
  CHECK_THAT(with({"--method", "uniform"}), Contains("needs --pattern"));
  CHECK_THAT(with({"--method", "from_file"}), Contains("needs --patterns"));
  CHECK_THAT(with({"--method", "random"}), Contains("none of flow, uniform, magnitude, from_file, none"));
  CHECK_THAT(with({"--policy", "any"}), Contains("none of element, window, window_shared"));
  CHECK_THAT(with({"--window", "3"}), Contains("window"));
  CHECK_THAT(with({"--sparsity", "1"}), Contains("outside [0, 1)"));
  CHECK_THAT(with({"--granularity", "layer"}), Contains("neither block nor linear"));
  CHECK_THAT(with({"--outlier-multiple", "0"}), Contains("--outlier-multiple: 0 is outside 1e-06…"));
  CHECK_THAT(with({"--outlier-multiple", "nan"}), Contains("--outlier-multiple: expected a number"));

  const auto file = [&](const std::string& text) {
    write_file(folder / "patterns.txt", text);
    return with({"--method", "from_file", "--patterns", folder / "patterns.txt"});
  };
  CHECK_THAT(file(""), Contains("index 0 is missing"));
  CHECK_THAT(file("0:2:4\n1:2:4\n"), Contains("index 2 is missing"));
  CHECK_THAT(file("0:2:4\n1:2:4\n2:2:4\n3:2:4\n4:2:4\n"), Contains("patterns.txt:5: index 4 is beyond the last, 3"));
  CHECK_THAT(file("0:2:4\n0:2:4\n"), Contains("patterns.txt:2: index 0 comes twice"));
  CHECK_THAT(file("0:2:4\nx:2:4\n"), Contains("patterns.txt:2"));
  CHECK_THAT(file("0:2:4\n1:4:2\n"), Contains("patterns.txt:2: \"4:2\""));
  CHECK_THAT(file("0:2:4\n1:8:16\n2:2:4\n3:2:4\n"), Contains("pattern 8:16"));
}

TEST_CASE("flow: corrupt safetensors files") {
  const ModelFolder folder(byte_llama(65));
  const std::string model = folder / "model.safetensors", good = file_bytes(model);
  const auto with = [&](const std::string& bytes) {
    write_file(model, bytes);
    const std::string message = refused_prune(folder);
    CHECK_THAT(message, Contains(model));
    return message;
  };
  const auto header_with = [&](const std::string& key, const json& value) {
    Parts parts(good);
    parts.header[kWeight][key] = value;
    return with(parts.bytes());
  };
  const std::string tensor = "tensor " + kWeight + ": ";
  const auto offsets = Parts(good).header[kWeight]["data_offsets"].get<std::vector<std::uint64_t>>();

  CHECK_THAT(with(""), Contains("too short"));
  CHECK_THAT(with(std::string(8, '\xFF') + good.substr(8)), Contains("truncated"));
  CHECK_THAT(with(good.substr(0, 100)), Contains("truncated"));
  CHECK_THAT(with(good.substr(0, good.size() - 4)), Contains("its data ends at byte"));
  CHECK_THAT(with(good + "four"), Contains("4 bytes after the last tensor"));
  CHECK_THAT(header_with("data_offsets", {offsets[1], offsets[0]}), Contains(tensor));
  CHECK_THAT(header_with("data_offsets", {offsets[0] - 4, offsets[1] - 4}), Contains("overlaps"));
  CHECK_THAT(header_with("data_offsets", {offsets[0], std::uint64_t{1} << 63}), Contains(tensor));
  CHECK_THAT(header_with("dtype", "F31"), Contains("\"F31\" is not supported"));
  CHECK_THAT(header_with("dtype", "I32"), Contains("is I32 where F32, F16, BF16, F8_E4M3 or F8_E5M2"));
  CHECK_THAT(header_with("shape", {std::uint64_t{1} << 62, 4}), Contains(tensor) && Contains("out of range"));
  CHECK_THAT(header_with("shape", {27, 20}), Contains("has shape [27,20] where [20,27]"));
  CHECK_THAT(header_with("shape", {20, 28}), Contains("do not fit shape [20,28]"));
}

TEST_CASE("flow: configurations that are missing, broken or absurd") {
  const TinyModel tiny = byte_llama(66);
  const ModelFolder folder(tiny);
  const std::string config = folder / "config.json";
  const auto with = [&](const std::string& key, const json& value) {
    json changed = tiny.config;
    changed[key] = value;
    write_file(config, changed.dump());
    const std::string message = refused_prune(folder);
    CHECK_THAT(message, Contains(folder.path()));
    return message;
  };
  for (const char* key : {"hidden_size", "num_hidden_layers", "vocab_size", "num_attention_heads"}) {
    for (const json& absurd : {json(0), json(-1), json(1e30), json(2147483647), json("4"), json(nullptr)}) {
      CHECK_THAT(with(key, absurd), Contains(key));
    }
  }
  CHECK_THAT(with("architectures", {"GPT2LMHeadModel"}), Contains("supported are"));
  write_file(config, "{\n\"hidden_size\":");
  CHECK_THAT(refused_prune(folder), Contains("config.json:2: is not valid JSON"));
  std::filesystem::remove(config);
  CHECK_THAT(refused_prune(folder), Contains("config.json: cannot be opened"));
}

TEST_CASE("flow: logits that are not finite give no figure, dense or packed") {
  TinyModel model = byte_llama(68);
  for (float& value : model.tensors.at("lm_head.weight").values) value = std::copysign(3e38f, value);
  const ModelFolder folder(model);
  for (const char* scale : {"static", "dynamic"}) {
    REQUIRE(
        flexcim_command(prune(folder) + std::vector<std::string>{"--activation-scale", scale, "--objective", "error"})
            .exit_code == 0);
    const std::vector<std::string> packed{"flow", "eval", folder / "packed", "--text", folder / "evaluation.txt"};
    for (const auto& command : {packed, packed + std::vector<std::string>{"--json"}}) {
      CHECK_THAT(refusal(command), Contains(folder / "packed" + " on ") && Contains("the logits of token 0 are not"));
    }
  }
  CHECK_THAT(refused_prune(folder), Contains("calibration: sequence 0: the logits of token 0 are not finite"));
  CHECK_THAT(refusal({"flow", "eval", folder.path()}), Contains("the logits of token 0 are not finite"));
  CHECK_THAT(refusal({"flow", "eval", folder.path(), "--json"}), Contains("the logits of token 0 are not finite"));
}

TEST_CASE("flow: activations that are not finite are named, also where only int8 with scales per token sees them") {
  TinyModel model = byte_llama(69);
  for (const char* name : {"model.layers.2.mlp.gate_proj.weight", "model.layers.2.mlp.up_proj.weight"}) {
    for (float& value : model.tensors.at(name).values) value = std::copysign(1e38f, value);
  }
  const ModelFolder folder(model);
  const std::string place = "input of linear model.layers.2.mlp.down_proj: token 0, column ";
  CHECK_THAT(refused_prune(folder), Contains("calibration.txt: sequence 0: " + place));
  CHECK_THAT(refusal({"flow", "analyze", folder.path(), "--calibration", folder.calibration()}), Contains(place));
  // Without calibration nothing has looked at activations before.
  REQUIRE(flexcim_command({"flow", "prune", folder.path(), "--method", "none", "--activation-scale", "dynamic", "-o",
                           folder / "packed"})
              .exit_code == 0);
  CHECK_THAT(refusal({"flow", "eval", folder / "packed", "--text", folder / "evaluation.txt"}), Contains(place));
}

TEST_CASE("flow: what a model has beyond its architecture is refused by name") {
  TinyModel model = byte_llama(70);
  model.tensors["model.layers.3.self_attn.v_proj.bias"] = {{12}, std::vector<float>(12, 1.0f)};
  CHECK_THAT(refused_prune(ModelFolder(model)), Contains("tensor model.layers.3.self_attn.v_proj.bias"));
  TinyModel partial = byte_llama(71);
  partial.config["rope_parameters"] = {{"rope_type", "default"}, {"partial_rotary_factor", 0.5}};
  CHECK_THAT(refused_prune(ModelFolder(partial)), Contains("rope_parameters: partial_rotary_factor is 0.5"));
}

TEST_CASE("flow: outputs that cannot be written, unknown commands and options") {
  const ModelFolder folder(byte_llama(67));
  const std::vector<std::string> model{"flow", "prune", folder.path(), "--calibration", folder.calibration(), "-o"};
  CHECK_THAT(refusal(model + std::vector<std::string>{folder / "no/folder"}), Contains("there is no folder"));
  CHECK_THAT(refusal(model + std::vector<std::string>{folder.path()}), Contains("is a folder"));
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK_THAT(refusal(model + std::vector<std::string>{folder / "pipe"}), Contains("not a regular file"));
  const std::string help = " --help tells what there is)\n";
  CHECK(refusal({}) == "flexcim: A subcommand is required (flexcim" + help);
  CHECK(refusal({"walk"}) == "flexcim: \"walk\" is not expected here (flexcim" + help);
  CHECK(refusal({"flow"}) == "flexcim: A subcommand is required (flexcim flow" + help);
  CHECK(refusal({"flow", "trim"}) == "flexcim: \"trim\" is not expected here (flexcim flow" + help);
  CHECK(refusal({"run"}) == "flexcim: scenario is required (flexcim run" + help);
  CHECK(refusal({"check", "q.yaml", "more.yaml"}) ==
        "flexcim: \"more.yaml\" is not expected here (flexcim check" + help);
  CHECK(refusal(prune(folder) + std::vector<std::string>{"--sparsty", "0.5"}) ==
        "flexcim: \"--sparsty\" is not expected here (flexcim flow prune" + help);
  CHECK_THAT(refusal({"flow", "prune", folder.path()}), Contains("--output is required"));
  CHECK_THAT(refusal({"run", "q.yaml", "--out"}), Contains("--out: 1 required TEXT missing"));
  CHECK_THAT(refusal({"run", "q.yaml", "--out", "a", "--out", "b"}), Contains("--out"));
  CHECK_THAT(refusal({"check", "q.yaml", "--fidelity", "rtl", "--fidelity", "tlm"}), Contains("--fidelity"));
  CHECK_FALSE(std::filesystem::exists(folder / "packed"));
}

TEST_CASE("flow: every option that takes numbers takes only such, once") {
  const ModelFolder folder(byte_llama(68));
  write_file(folder / "figures.json", R"({"outlier_ratio": [1, 2], "locality": [2, 1]})");
  const std::vector<std::string> analyze{"flow", "analyze", folder.path(), "--calibration", folder.calibration()};
  const std::vector<std::string> eval{"flow", "eval", folder.path()};
  const std::vector<std::string> select{"flow", "select", "--figures", folder / "figures.json"};
  const std::vector<std::string> pack{"flow",      "pack", folder.path(), "--calibration",  folder.calibration(),
                                      "--pattern", "2:4",  "-o",          folder / "packed"};
  const auto check = [](const std::vector<std::string>& command, const std::string& option,
                        const std::vector<std::string>& bad) {
    for (const std::string& word : bad) {
      CHECK_THAT(refusal(command + std::vector<std::string>{option + "=" + word}), Contains(option + ": "));
    }
    CHECK_THAT(refusal(command + std::vector<std::string>{option, "1", option, "1"}), Contains(option));
  };
  const std::vector<std::string> whole{"abc", "1e3", "1.5", "0x10", "010", "08", "+5", " 5", "5 ", "-", "99999999999"};
  const std::vector<std::string> real{"abc", "0x10", "01.5", "+0.5",  " 0.5", "0.5 ",
                                      "nan", "inf",  "-inf", "1e400", "1,5",  "-0.1"};
  for (const char* option : {"--samples", "--context", "--threads"}) {
    check(analyze, option, whole + std::vector<std::string>{"-1"});
    check(eval, option, {"-1", "many"});
    check(prune(folder), option, {"-1", "many"});
    check(pack, option, {"-1", "many"});
  }
  check(analyze, "--threads", {"100000"});
  check(analyze, "--outlier-multiple", real + std::vector<std::string>{"0"});
  check(select, "--target", real + std::vector<std::string>{"2"});
  check(prune(folder), "--sparsity", real + std::vector<std::string>{"2"});
  for (const char* option : {"--alpha", "--beta"}) {
    check(select, option, real);
    check(eval, option, {"-1", "nan"});
    check(prune(folder), option, {"-1", "nan"});
  }
  for (const char* option : {"--sub-macros", "--pairs", "--window", "--cols"}) {
    check(select, option, whole + std::vector<std::string>{"0", "-1"});
    check(pack, option, {"0", "-4", "x"});
  }
  check(eval, "--limit", whole + std::vector<std::string>{"-5"});
  check(eval, "--cols", whole + std::vector<std::string>{"0"});
  check(eval, "--windows", {"1,0", "1,,2", ",", "1,2,", "a"});
  check(eval, "--sparsities", {"0.5,,0.6", ",", "0.5,", "0.5,1.5", "-0.5", "nan"});
  CHECK_THAT(refusal(eval + std::vector<std::string>{"--windows", "3"}), Contains("window: 3 is no power of two"));
  CHECK_THAT(refusal(eval + std::vector<std::string>{"--windows", "1,8"}),
             Contains("window: 8 is no power of two in 1..4"));
  CHECK_THAT(refusal(eval + std::vector<std::string>{"--cols", "48"}), Contains("cols: 48 is no power of two"));
}
