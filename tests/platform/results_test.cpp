#include "flow/base/safetensors.h"
#include "platform/results/energy_file.h"
#include "platform/results/report.h"
#include "platform/results/result_files.h"
#include "platform/results/result_folder.h"
#include "platform/results/text_table.h"
#include "platform/results/window_files.h"
#include "tests/platform/temp_folder.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <nlohmann/json.hpp>

namespace flexcim {
namespace {

namespace fs = std::filesystem;

LayerResult layer(const std::string& name, bool match) {
  LayerResult result;
  result.name = name;
  result.tokens = 2;
  result.out = 3;
  result.in = 8;
  result.pattern = result.runs_as = {2, 4};
  result.tiles = 1;
  result.phases = 2;
  result.cycles = 1234;
  result.stall_cycles = 200;
  result.macs_executed = 24;
  result.utilization = 0.25;
  result.dram_bytes = 512;
  result.match = match;
  if (!match) result.mismatch = "token 0, output 1: 5 instead of 6; 1 of 6 differ";
  result.energy.add({Component::cells, "energy.int8_multiply", {104, "fJ", 'S', "a model"}, 1'500'000});
  result.output = Matrix<std::int32_t>(2, 3);
  result.output(1, 2) = -7;
  return result;
}

SimulationResult simulation(Fidelity fidelity, std::vector<LayerResult> layers) {
  SimulationResult result;
  result.fidelity = fidelity;
  for (const LayerResult& each : layers) result.cycles += each.cycles;
  result.time_ps = 5'000'000;
  result.power = [](const PowerRow& row) {
    row({0, 1000, {}});
    row({1000, 2000, {3'000'000}});
    row({2000, 13'000, {1}});
  };
  result.activity = [](const ActivityRow& row) { row({0, 5000, 48, 0.25, 128, 0, {1.5, 64, 0}}); };
  result.layers = std::move(layers);
  result.between.add({Component::leakage, "leakage.sram_per_kib", {2, "uW", 'E', "an estimate"}, 250'001});
  result.add_up();
  return result;
}

Scenario scenario(const TempFolder& folder, bool gemm) {
  const std::string work =
      gemm ? "{kind: gemm, weights: w, activations: x}" : "{kind: block, model: m, tokens: {text: t}}";
  return load_scenario(folder.write("s.yaml", "name: s\nfidelity: tlm\nworkload: " + work + "\n"), {});
}

RunResult block_result(bool match) {
  RunResult result;
  result.simulations.push_back(simulation(
      Fidelity::tlm, {layer("model.layers.2.self_attn.q_proj", true), layer("model.layers.2.mlp.down_proj", true)}));
  result.simulations.push_back(simulation(Fidelity::rtl, {layer("model.layers.2.self_attn.q_proj", match)}));
  return result;
}

std::size_t lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

std::size_t entries(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("summary.json has the totals of the scenario's run, its layers, and further runs apart") {
  const TempFolder folder;
  const auto json = nlohmann::json::parse(summary_json(scenario(folder, false), block_result(true)));
  CHECK(json["scenario"] == "s");
  CHECK(json["fidelity"] == "tlm");
  CHECK(json["cycles"] == 2 * 1234);
  CHECK(json["time_ns"] == 5000);
  CHECK(json["energy_pj"] == 3250.001);
  CHECK(json["between"]["energy_pj"] == 250.001);
  CHECK(json["between"]["by_component"]["leakage"] == 250.001);
  CHECK(json["macs_dense"] == 2 * 2 * 3 * 8);
  CHECK(json["macs_executed"] == 48);
  CHECK(json["match"] == true);
  REQUIRE(json["layers"].size() == 2);
  const auto& first = json["layers"][0];
  CHECK(first["name"] == "model.layers.2.self_attn.q_proj");
  CHECK(first["shape"] == nlohmann::json({3, 8}));
  CHECK(first["tokens"] == 2);
  CHECK(first["pattern"] == "2:4");
  CHECK(first["runs_as"] == "2:4");
  CHECK(first["tiles"] == 1);
  CHECK(first["phases"] == 2);
  CHECK(first["cycles"] == 1234);
  CHECK(first["energy_pj"] == 1500);
  CHECK(first["match"] == true);
  CHECK(json["energy"]["by_tag"]["S"] == 3000);
  CHECK(json["energy"]["by_component"]["cells"] == 3000);
  CHECK(json["energy"]["figures"][0]["source"] == "a model");
  REQUIRE(json["also"].size() == 1);
  CHECK(json["also"][0]["fidelity"] == "rtl");
  CHECK(json["also"][0]["layers"].size() == 1);
}

TEST_CASE("A mismatch in any run shows at the top") {
  const TempFolder folder;
  const auto json = nlohmann::json::parse(summary_json(scenario(folder, false), block_result(false)));
  CHECK(json["match"] == false);
  CHECK(json["also"][0]["match"] == false);
  CHECK(json["also"][0]["layers"][0]["mismatch"] == "token 0, output 1: 5 instead of 6; 1 of 6 differ");
  CHECK_FALSE(block_result(false).match());
  CHECK_FALSE(RunResult{}.match());
  CHECK_THAT(closing_lines(block_result(false), "out/s"),
             Catch::StartsWith("MISMATCH model.layers.2.self_attn.q_proj at rtl: token 0, output 1"));
}

TEST_CASE("layers.csv, power.csv and activity.csv have a row per layer or window and as many cells as their header") {
  const RunResult result = block_result(true);
  const TempFolder folder;
  power_file().write(folder.path() / "power.csv", result);
  activity_file().write(folder.path() / "activity.csv", result);
  const std::string power = folder.read("power.csv"), activity = folder.read("activity.csv");
  for (const std::string& text : {layers_csv(result), energy_csv(result), power, activity}) {
    std::stringstream stream(text);
    std::string line;
    std::getline(stream, line);
    const auto commas = std::count(line.begin(), line.end(), ',');
    while (std::getline(stream, line)) CHECK(std::count(line.begin(), line.end(), ',') == commas);
  }
  CHECK(lines(layers_csv(result)) == 1 + 3);
  CHECK(lines(energy_csv(result)) == 1 + 3 + 2);  // a term of every layer, and one of what is between in both runs
  CHECK_THAT(energy_csv(result), Catch::Contains("\n0,tlm,,layer,model.layers.2.mlp.down_proj,cells,"
                                                 "energy.int8_multiply,1500.000\n") &&
                                     Catch::EndsWith("1,rtl,,between,,leakage,leakage.sram_per_kib,250.001\n"));
  CHECK(lines(power) == 1 + 6);
  CHECK(
      activity ==
      "run,fidelity,start_ns,end_ns,macs_executed,utilization,dram_read_bytes,dram_write_bytes,activation_buffer_bytes,"
      "weight_buffer_bytes,output_buffer_bytes\n"
      "0,tlm,0,5000,48,0.250000,128,0,1.500,64.000,0.000\n"
      "1,rtl,0,5000,48,0.250000,128,0,1.500,64.000,0.000\n");
  CHECK_THAT(power, Catch::StartsWith("run,fidelity,start_ns,end_ns,total_mw,cells_mw,adder_trees_mw,"));
  CHECK_THAT(power, Catch::Contains("\n0,tlm,1000,2000,3.000000,3.000000,0.000000,"));
  CHECK_THAT(power,
             Catch::Contains("\n0,tlm,2000,13000,0.00000009,0.00000009,0.00000000,"));  // a femtojoule in 11 us
  CHECK_THAT(layers_csv(result),
             Catch::Contains("\n1,rtl,model.layers.2.self_attn.q_proj,2,3,8,2:4,2:4,8,1,2,packed,1234,200,0,48,24,"
                             "0.250000,512,true,1500.000,1500.000,"));
}

TEST_CASE("A result folder has every file, and its configuration can be run again") {
  const TempFolder folder;
  const Scenario s = scenario(folder, false);
  write_results(folder.path(), s, block_result(true));
  const SafetensorsFile outputs((folder.path() / "outputs.safetensors").string());
  CHECK(outputs.tensors().size() == 3);
  const Tensor& tensor = outputs.at("model.layers.2.self_attn.q_proj.output");
  CHECK(tensor.dtype == Dtype::i32);
  CHECK(tensor.view<std::int32_t>()(1, 2) == -7);
  CHECK(outputs.find("also.0.model.layers.2.self_attn.q_proj.output") != nullptr);
  CHECK(effective_yaml(load_scenario(folder.path() / "scenario.yaml", {})).size() > 1000);
  for (const char* file : {"summary.json", "layers.csv", "energy.csv", "power.csv", "activity.csv"})
    CHECK(fs::file_size(folder.path() / file) > 0);
}

TEST_CASE("A gemm's output is named output") {
  const TempFolder folder;
  RunResult result;
  result.simulations.push_back(simulation(Fidelity::tlm, {layer("gemm", true)}));
  write_results(folder.path(), scenario(folder, true), result);
  CHECK(SafetensorsFile((folder.path() / "outputs.safetensors").string()).at("output").rows() == 2);
}

TEST_CASE("A result folder is complete or absent") {
  const TempFolder parent;
  const fs::path target = parent.path() / "out" / "run";
  {
    const ResultFolder abandoned(target);
    std::ofstream(abandoned.path() / "half") << "x";
    CHECK_FALSE(fs::exists(target / "half"));
  }
  CHECK(entries(parent.path()) == 0);
  for (const char* content : {"first", "second"}) {
    ResultFolder folder(target);
    std::ofstream(folder.path() / content) << content;
    std::ofstream(folder.path() / "summary.json") << content;
    CHECK_FALSE(fs::exists(target / content));
    CHECK(folder.commit().empty());
  }
  CHECK(parent.read("out/run/second") == "second");
  CHECK(parent.read("out/run/summary.json") == "second");
  CHECK_FALSE(fs::exists(target / "first"));
  CHECK(entries(target) == 3);  // and the list
  CHECK(entries(target.parent_path()) == 1);
  { const ResultFolder abandoned(target); }
  CHECK(parent.read("out/run/second") == "second");
  CHECK(entries(target) == 3);
}

TEST_CASE("A result folder replaces nothing that is not ours") {
  const TempFolder parent;
  parent.write("precious/thesis.tex", "x");
  const fs::path target = parent.path() / "precious";
  CHECK(input_error([&] { ResultFolder folder(target); }) ==
        target.string() + ": holds other files than earlier results (thesis.tex), it is not overwritten");
  const fs::path file = parent.path() / "precious/thesis.tex";
  CHECK(input_error([&] { ResultFolder folder(file); }) == file.string() + ": is a file, results need a folder");
  fs::create_directories(parent.path() / "empty");
  ResultFolder folder(parent.path() / "empty/");
  folder.commit();
  CHECK(fs::exists(parent.path() / "empty/.flexcim-results"));
  CHECK(parent.read("precious/thesis.tex") == "x");
  CHECK(entries(parent.path() / "precious") == 1);
}

/// A result with three files, as a run leaves it.
class EarlierResult {
 public:
  EarlierResult() { run(); }
  std::vector<std::string> run(const std::function<void()>& meanwhile = [] {}) {
    ResultFolder folder(target());
    for (const char* name : {"summary.json", "text.txt", "wave.gtkw"}) std::ofstream(folder.path() / name) << name;
    meanwhile();
    return folder.commit();
  }
  std::string refusal(const std::vector<fs::path>& inputs = {}) const {
    const std::string text = input_error([&] { ResultFolder folder(target(), inputs); });
    const std::string prefix = target().string() + ": ";
    return text.rfind(prefix, 0) == 0 ? text.substr(prefix.size()) : text;
  }
  fs::path target() const { return fs::canonical(parent_.path()) / "out"; }
  void write(const std::string& name, const std::string& text) const { parent_.write("out/" + name, text); }
  std::string read(const std::string& name) const { return parent_.read("out/" + name); }

 private:
  TempFolder parent_;
};

TEST_CASE("Other files in a result folder stop the next run, hidden ones do not") {
  EarlierResult result;
  result.write("notes.txt", "mine");
  result.write("zz.txt", "mine");
  CHECK(result.refusal() == "holds other files than earlier results (notes.txt), it is not overwritten");
  CHECK(result.read("notes.txt") == "mine");
  fs::remove(result.target() / "notes.txt");
  fs::remove(result.target() / "zz.txt");
  fs::create_directory(result.target() / "folder");
  CHECK(result.refusal() == "holds other files than earlier results (folder), it is not overwritten");
  fs::remove(result.target() / "folder");
  result.write(".nfs0001", "an open file of a network file system");
  CHECK(result.run().empty());
  CHECK(fs::exists(result.target() / ".nfs0001"));
}

TEST_CASE("A file of ours that has been changed stops the next run, one that is gone does not") {
  EarlierResult result;
  result.write("wave.gtkw", "wave.GTKW");  // of the same length
  CHECK(result.refusal() ==
        "wave.gtkw has been changed since a run wrote it, it is not overwritten; move it away or choose another "
        "folder");
  CHECK(result.read("wave.gtkw") == "wave.GTKW");
  fs::remove(result.target() / "wave.gtkw");
  fs::create_symlink("text.txt", result.target() / "wave.gtkw");
  CHECK_THAT(result.refusal(), Catch::Contains("wave.gtkw has been changed"));
  fs::remove(result.target() / "wave.gtkw");
  CHECK(result.run().empty());
  CHECK(result.read("wave.gtkw") == "wave.gtkw");
}

TEST_CASE("What others write while a run is under way stays, under another name where results come into its place") {
  EarlierResult result;
  const std::vector<std::string> kept = result.run([&] {
    result.write("notes.txt", "mine");
    result.write("wave.gtkw", "my view");
    result.write("wave.gtkw.kept", "older");
  });
  CHECK(result.read("notes.txt") == "mine");
  CHECK(result.read("wave.gtkw") == "wave.gtkw");
  CHECK(result.read("wave.gtkw.kept") == "older");
  CHECK(result.read("wave.gtkw.kept.2") == "my view");
  CHECK(kept == std::vector<std::string>{(result.target() / "wave.gtkw").string() +
                                         ": changed by somebody else during the run, kept as wave.gtkw.kept.2"});
  CHECK_THAT(result.refusal(), Catch::Contains("(notes.txt)"));
}

TEST_CASE("A folder that the list of an earlier version is in is ours") {
  EarlierResult result;
  result.write(".flexcim-results", "A result folder of flexcim; it is replaced by the next run.\n");
  result.write("summary.json", "of that version");
  CHECK(result.run().empty());
  result.write(".flexcim-results", "A result folder of flexcim; it is replaced by the next run.\n");
  result.write("notes.txt", "mine");
  CHECK_THAT(result.refusal(), Catch::Contains("(notes.txt)"));
}

TEST_CASE("A run does not write over what it reads") {
  EarlierResult result;
  CHECK(result.refusal({"/etc/passwd", "/nonexistent", result.target() / "text.txt"}) ==
        "the run reads text.txt, which its results would replace; choose another folder");
  fs::create_symlink(result.target() / "text.txt", result.target().parent_path() / "link");
  CHECK_THAT(result.refusal({result.target().parent_path() / "link"}), Catch::Contains("the run reads text.txt"));
}

TEST_CASE("Results go into the folder that a link leads to, and the link stays") {
  const TempFolder parent;
  fs::create_directory(parent.path() / "real");
  fs::create_symlink("real", parent.path() / "link");
  for (int i = 0; i < 2; ++i) {
    ResultFolder folder(parent.path() / "link/");
    std::ofstream(folder.path() / "summary.json") << i;
    folder.commit();
  }
  CHECK(fs::is_symlink(parent.path() / "link"));
  CHECK(parent.read("real/summary.json") == "1");
  fs::create_symlink("nowhere", parent.path() / "dangling");
  CHECK_THAT(input_error([&] { ResultFolder folder(parent.path() / "dangling"); }),
             Catch::EndsWith("dangling: is a link to nowhere, which is not there"));
}

TEST_CASE("The report shows a table per run with totals") {
  const TempFolder folder;
  const std::string text = report(scenario(folder, false), block_result(true));
  CHECK_THAT(text, Catch::StartsWith(
                       "s · tlm · flexcim_published · 28nm · grouped · model.layers.2.…\n"
                       "layer             tokens×out×in  N:M  tiles  phases  cycles  utilization   energy  match\n"
                       "────────────────────────────────────────────────────────────────────────────────────────\n"
                       "self_attn.q_proj          2×3×8  2:4      1       2   1,234       25.0 %  1.50 nJ  yes\n"
                       "mlp.down_proj             2×3×8  2:4      1       2   1,234       25.0 %  1.50 nJ  yes\n"
                       "between                                                                    250 pJ\n"
                       "────────────────────────────────────────────────────────────────────────────────────────\n"
                       "total                                     2       4   2,468       25.0 %  3.25 nJ  yes\n"));
  CHECK_THAT(text, Catch::Contains("s · rtl · "));
  CHECK_THAT(text, Catch::Contains("energy.int8_multiply 104 fJ (S): a model"));
}

TEST_CASE("The report says once as which pattern weights run that the macros do not hold, and what the macros take") {
  const TempFolder folder;
  RunResult result = block_result(true);
  CHECK_THAT(report(scenario(folder, false), result), !Catch::Contains("run as"));
  result.simulations.resize(1);
  for (LayerResult& each : result.simulations[0].layers) each.runs_as = {};
  result.simulations[0].layers[1].pattern = {1, 8};
  result.area = {{"multipliers", 2.2, false}, {"weight buffer", 1, true}};
  result.dense_macros_mm2 = 2;
  const std::string text = report(scenario(folder, false), result);
  CHECK_THAT(text, Catch::Contains("\n2:4 weights run as dense, 1:8 weights run as dense: the macros hold no other\n"));
  CHECK_THAT(text, Catch::Contains("macros take 2.2 mm2, +10.0 % over the same ones for dense weights only\n"));
  const auto json = nlohmann::json::parse(summary_json(scenario(folder, false), result));
  CHECK(json["area_mm2"]["total"] == 3.2);
  CHECK(json["area_mm2"]["macros"] == 2.2);
  CHECK(json["area_mm2"]["dense_macros"] == 2);
  CHECK(json["macro_overhead"].get<double>() == Approx(0.1));
}

TEST_CASE("Report and summary have the frequency that is simulated, and the one asked for where it is another") {
  const TempFolder folder;
  Scenario work = scenario(folder, false);
  const auto shown = [&](double mhz) {
    work.architecture.clock_mhz = mhz;
    const std::string text = report(work, block_result(true));
    const auto from = text.find("at ", text.find(" cycles, ")) + 3;
    return text.substr(from, text.find_first_of("\n,", text.find("MHz", from)) - from);
  };
  CHECK(shown(500) == "500 MHz");
  CHECK(shown(1000) == "1000 MHz");
  CHECK(shown(300) == "300.030003 MHz (3333 ps");
  CHECK_THAT(report(work, block_result(true)), Catch::Contains("at 300.030003 MHz (3333 ps, asked for 300 MHz)"));
  const auto json = nlohmann::json::parse(summary_json(work, block_result(true)));
  CHECK(json["clock"] == nlohmann::json{{"period_ps", 3333}, {"mhz", 1e6 / 3333}, {"asked_mhz", 300}});
  CHECK_FALSE(json.contains("host_clock"));
  CHECK(ClockPeriod(333.333).to_string() == "333.333333 MHz (3000 ps, asked for 333.333 MHz)");
  CHECK(ClockPeriod(1e9).ps() == 1);  // no clock stands still
}

TEST_CASE("Report and summary say how late interrupts were served, where that is wanted") {
  RunResult result = block_result(true);
  const TempFolder folder;
  const Scenario work = scenario(folder, false);
  CHECK_THAT(report(work, result), !Catch::Contains("interrupts"));
  CHECK_FALSE(nlohmann::json::parse(summary_json(work, result)).contains("interrupts"));
  result.interrupts.emplace();
  CHECK_THAT(report(work, result), Catch::Contains("no interrupts\n"));
  result.interrupts = std::vector<InterruptLatency>{{"UART", 2, 1000, 4000, 2.5}};
  CHECK_THAT(report(work, result), Catch::Contains("UART            2        1.00 ns  2.50 ns  4.00 ns"));
  CHECK(nlohmann::json::parse(summary_json(work, result))["interrupts"] ==
        nlohmann::json::parse(R"([{"source": "UART", "count": 2, "least_ns": 1, "mean_ns": 2.5, "most_ns": 4}])"));
}

TEST_CASE("The closing lines name the files and the waveform") {
  RunResult result = block_result(true);
  CHECK(closing_lines(result, "out/s") ==
        "every output equals the golden model bit for bit\n"
        "results in out/s: summary.json, layers.csv, energy.csv, power.csv, activity.csv, outputs.safetensors, "
        "scenario.yaml\n");
  result.transactions = "transactions.csv";
  result.checked_transactions = 1234;
  CHECK(closing_lines(result, "out/s") ==
        "every output equals the golden model bit for bit\n"
        "1,234 transactions keep the base protocol\n"
        "results in out/s: summary.json, layers.csv, energy.csv, power.csv, activity.csv, outputs.safetensors, "
        "transactions.csv, "
        "scenario.yaml\n");
  result.shown = {"registers.log", "timeline.json"};
  CHECK_THAT(closing_lines(result, "out/s"),
             Catch::Contains("transactions.csv, registers.log, timeline.json, scenario.yaml\n"));
  result.waveform = "wave.gtkw";
  CHECK_THAT(closing_lines(result, "out/s"), Catch::EndsWith("waveform: gtkwave out/s/wave.gtkw\n"));
  // As a shell takes it.
  CHECK_THAT(closing_lines(result, "/my out/it's"),
             Catch::EndsWith("waveform: gtkwave '/my out/it'\\''s/wave.gtkw'\n"));
}

TEST_CASE("Tables are aligned by what a terminal shows, not by bytes") {
  CHECK(display_width("abc") == 3);
  CHECK(display_width("3×4") == 3);
  CHECK(display_width("層") == 2);
  CHECK(display_width("e\xCC\x81") == 1);  // a combining accent
  CHECK(display_width("\xFF\xFE") == 2);   // no UTF-8
  TextTable table({{"a", Align::left}, {"b", Align::right}});
  table.add({"×", "1"});
  table.add({"層層", "22"});
  CHECK(table.render() == "a      b\n────────\n×      1\n層層  22\n");
}

TEST_CASE("Numbers have three digits that count and a unit that fits") {
  CHECK(with_commas(1234567) == "1,234,567");
  CHECK(with_commas(123) == "123");
  CHECK(energy_text(0) == "0.00 pJ");
  CHECK(energy_text(999.4) == "999 pJ");
  CHECK(energy_text(999.6) == "1.00 nJ");
  CHECK(energy_text(12345) == "12.3 nJ");
  CHECK(time_text(2.5e9) == "2.50 s");
}

}  // namespace flexcim
