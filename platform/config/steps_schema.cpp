#include "platform/config/steps_schema.h"

#include "platform/config/data_files.h"
#include "platform/yaml/yaml_types.h"

#include <set>

namespace flexcim {
namespace {

constexpr int kMost = 1 << 20;  // of tokens, requests, runs
constexpr double kLeastShare = 1e-6;

/// A number, or a list of them.
YamlType<std::vector<double>> shares_type() {
  const YamlType<double> share = real(kLeastShare, 1);
  const YamlType<std::vector<double>> list = list_of(share);
  YamlType<std::vector<double>> type = list;
  type.type = share.type + " | list of such";
  type.read = [share, list](YamlReader& reader, const std::string& path, const YAML::Node& node,
                            std::vector<double>& target) {
    if (!node.IsSequence()) {
      target.assign(1, 1);
      return share.read(reader, path, node, target[0]);
    }
    if (node.size() == 0) return reader.problem(path, node, "has no value");
    list.read(reader, path, node, target);
  };
  type.write = [share](YAML::Emitter& out, std::vector<double>& value) {
    if (value.size() == 1) return share.write(out, value[0]);
    out << YAML::Flow << YAML::BeginSeq;
    for (const double each : value) out << fmt::format("{}", each);
    out << YAML::EndSeq;
  };
  type.json = [share](std::vector<double>&) {
    double initial = 1;
    const JsonSchema one = share.json(initial);
    return json_any_of({one, json_list(one, 1)});
  };
  return type;
}

/// The part of a step's, or of a draft's, model: keys of the map that has it.
template <class Owner, class Slice>
void add_slice(Schema<Owner>& s, const Slice& slice) {
  const auto member = [slice](auto field) {
    return [=](Owner & owner) -> auto& { return slice(owner).*field; };
  };
  s.key("model", member(&ModelSlice::model), optional_of(shapes_type()), "another one than the workload's, as above");
  s.key("skip", member(&ModelSlice::skip), real(0, 1),
        "share of the blocks that is not run, those in the middle; a whole number of them");
  s.key("ffn", member(&ModelSlice::ffn), shares_type(),
        "share of the feed-forward width, a whole number of channels; of a list each for as many blocks");
  s.key("weight_bits", member(&ModelSlice::weight_bits), optional_of(weight_bits_type()),
        "of the blocks' weights, in place of the workload's");
}

YamlType<ModelSlice> draft_type() {
  Schema<ModelSlice> s;
  add_slice(s, [](ModelSlice& slice) -> ModelSlice& { return slice; });
  return map_of(s);
}

void check_request(YamlReader& reader, const std::string& path, const Request& request) {
  const bool verifies = request.phase == RequestPhase::verify;
  if (request.phase == RequestPhase::decode && request.tokens != 1) {
    reader.problem(join_path(path, "tokens"), "a decode reads one token; what reads guesses, too, is a verify");
  }
  if (request.phase == RequestPhase::encode && request.context != 0) {
    reader.problem(join_path(path, "context"), "an encode reads all of its tokens at once: it has none before");
  }
  if (verifies && !request.acceptance) reader.problem(path, "the key \"acceptance\" is missing: a verify needs it");
  if (!verifies && request.acceptance) reader.problem(join_path(path, "acceptance"), "is of a verify only");
}

YamlType<Request> request_type() {
  Schema<Request> s;
  s.key("phase", &Request::phase,
        choice<RequestPhase>({RequestPhase::encode, RequestPhase::prefill, RequestPhase::decode, RequestPhase::verify}),
        "what it does ([workloads.md](workloads.md#phases))")
      .required();
  s.key("tokens", &Request::tokens, whole(1, kMost, "tokens"),
        "that it reads in a run; of a verify the last one and the guesses");
  s.key("context", &Request::context, whole(0, kMost, "tokens"), "that it has read before the first run");
  s.key("count", &Request::count, whole(1, kMost), "equal requests");
  s.key("acceptance", &Request::acceptance, optional_of(real(0, 1)),
        "of a verify, required: probability that a guess is right where all before it are");
  YamlType<Request> type = map_of(s);
  type.read = [read = type.read](YamlReader& reader, const std::string& path, const YAML::Node& node, Request& target) {
    read(reader, path, node, target);
    if (reader.good()) check_request(reader, path, target);
  };
  return type;
}

/// Drafts come for all requests that verify in the same passes, so they read equally many tokens.
void check_draft(YamlReader& reader, const std::string& path, const Step& step) {
  std::set<int> tokens;
  for (const Request& request : step.requests) {
    if (request.phase == RequestPhase::verify) tokens.insert(request.tokens);
  }
  const std::string here = join_path(path, "draft");
  if (tokens.empty()) return reader.problem(here, "no request of the step verifies what is drafted");
  if (tokens.size() > 1) reader.problem(here, "the requests that verify read different numbers of tokens");
}

void check_step(YamlReader& reader, const std::string& path, const Step& step) {
  if (step.requests.empty()) reader.problem(join_path(path, "requests"), "has no request");
  if (step.draft) check_draft(reader, path, step);
  if (step.name.find_first_of("/.,\"\n") != std::string::npos) {
    reader.problem(join_path(path, "name"), "has a character that names of results do not: / . , \" or a line's end");
  }
}

YamlType<Step> step_type() {
  Schema<Step> s;
  s.key("name", &Step::name, text(), "in results; by default the phases: prefill, decode, prefill+decode");
  s.key("requests", &Step::requests, list_of(request_type()), "the batch").required();
  add_slice(s, [](Step& step) -> ModelSlice& { return step.slice; });
  s.key("draft", &Step::draft, optional_of(draft_type()),
        "what guesses for requests that verify, in a pass per guess; without, guesses cost nothing");
  s.key("repeat", &Step::repeat, whole(1, kMost), "runs of the same requests, contexts growing");
  s.key("batches", &Step::batches, whole(1, kMost), "of other requests alike, one after the other");
  YamlType<Step> type = map_of(s);
  type.read = [read = type.read](YamlReader& reader, const std::string& path, const YAML::Node& node, Step& target) {
    read(reader, path, node, target);
    if (reader.good()) check_step(reader, path, target);
  };
  return type;
}

}  // namespace

YamlType<std::vector<Step>> steps_type() {
  YamlType<std::vector<Step>> type = list_of(step_type());
  type.read = [read = type.read](YamlReader& reader, const std::string& path, const YAML::Node& node,
                                 std::vector<Step>& target) {
    read(reader, path, node, target);
    if (!reader.good()) return;
    std::set<std::string> names;
    for (std::size_t i = 0; i < target.size(); ++i) {
      const std::string name = name_of(target[i]);
      if (names.insert(name).second) continue;
      reader.problem(join_path(path, std::to_string(i)),
                     fmt::format("another step is called \"{}\": give it a name of its own", name));
    }
  };
  type.present = [](std::vector<Step>& value) { return !value.empty(); };
  return type;
}

YamlType<int> weight_bits_type() {
  YamlType<int> type;
  type.type = "4 | 8";
  type.unit = "bits";
  type.read = [](YamlReader& reader, const std::string& path, const YAML::Node& node, int& target) {
    const auto word = scalar(reader, path, node, "4 or 8", false);
    if (!word) return;
    if (*word != "4" && *word != "8")
      return reader.problem(path, node, fmt::format("\"{}\" is neither 4 nor 8", *word));
    target = *word == "4" ? 4 : 8;
  };
  type.write = [](YAML::Emitter& out, int& value) { out << value; };
  type.json = [](int&) { return JsonSchema{{"enum", {4, 8}}}; };
  return type;
}

YamlType<std::filesystem::path> shapes_type() {
  YamlType<std::filesystem::path> type = path_type("name | path");
  type.read = [](YamlReader& reader, const std::string& path, const YAML::Node& node, std::filesystem::path& target) {
    const auto word = scalar(reader, path, node, "name or path", false);
    if (!word) return;
    if (word->empty()) return reader.problem(path, node, "is empty; expected a name or a path");
    reader.guard(path, [&] { target = find_shapes(*word, reader.folder(path)); });
  };
  return type;
}

}  // namespace flexcim
