#include "platform/results/result_folder.h"

#include "flow/base/error.h"
#include "flow/base/output_file.h"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

namespace flexcim {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRecord = ".flexcim-results";  // also tells a folder of ours from others
constexpr const char* kWorking = ".flexcim-partial";
constexpr const char* kSummary = "summary.json";  // of a folder that is complete

/// Symbolic links resolved: they stay, what they lead to gets the results.
fs::path resolved(const fs::path& target) {
  std::error_code error;
  fs::path path = fs::absolute(target, error);
  if (error) {
    throw InputError(fmt::format("{}: the working directory cannot be had: {}", target.string(), error.message()));
  }
  path = fs::weakly_canonical(path, error);
  if (error) throw InputError(fmt::format("{}: cannot be reached: {}", target.string(), error.message()));
  if (!path.has_filename()) path = path.parent_path();  // "out/" names the folder "out"
  const fs::file_status status = fs::symlink_status(path, error);
  if (fs::is_symlink(status)) {
    throw InputError(
        fmt::format("{}: is a link to {}, which is not there", path.string(), fs::read_symlink(path, error).string()));
  }
  if (fs::exists(status) && !fs::is_directory(status)) {
    throw InputError(path.string() + ": is a file, results need a folder");
  }
  return path;
}

/// Names in a folder, without hidden ones unless they are wanted; sorted.
std::set<std::string> names_in(const fs::path& folder, bool hidden = false) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (hidden || name.front() != '.') names.insert(name);
  }
  return names;
}

std::string text_in(int file) {
  std::string text;
  char chunk[4096];
  for (ssize_t bytes; (bytes = ::pread(file, chunk, sizeof chunk, static_cast<off_t>(text.size()))) > 0;) {
    text.append(chunk, static_cast<std::size_t>(bytes));
  }
  return text;
}

/// Whether the system took it. In place: the lock is on this file.
bool put_text(int file, const std::string& text) {
  errno = ENOSPC;  // for a part of it
  const auto bytes = static_cast<ssize_t>(text.size());
  return ::pwrite(file, text.data(), text.size(), 0) == bytes && ::ftruncate(file, bytes) == 0;
}

/// Whether `file` is as one of `records` says.
bool is_listed(const fs::path& file, const std::vector<ResultRecord>& records) {
  std::error_code error;
  if (!fs::is_regular_file(fs::symlink_status(file, error))) return false;
  return std::find(records.begin(), records.end(), record_of(file)) != records.end();
}

/// "NAME.kept" or the first free "NAME.kept.N".
fs::path free_name(const fs::path& file) {
  fs::path free = file.string() + ".kept";
  std::error_code error;
  for (int i = 2; fs::exists(fs::symlink_status(free, error)); ++i) free = fmt::format("{}.kept.{}", file.string(), i);
  return free;
}

}  // namespace

ResultFolder::ResultFolder(const fs::path& target, const std::vector<fs::path>& inputs)
    : target_(resolved(target)), working_(target_ / kWorking) {
  const SignalsWait wait;
  try {
    make_folder(target_);
    open_record();
    require_ours();
    require_no_input(inputs);
    make_working();
  } catch (const std::system_error& error) {
    throw InputError(fmt::format("{}: cannot be written: {}", target_.string(), error.code().message()));
  }
}

/// With its parents.
void ResultFolder::make_folder(const fs::path& folder) {
  std::error_code error;
  if (fs::is_directory(folder, error)) return;
  if (folder.has_relative_path()) make_folder(folder.parent_path());
  auto made = std::make_unique<Unfinished>(folder.string(), Unfinished::Kind::empty_folder);
  if (::mkdir(folder.c_str(), 0777) != 0) {
    const int reason = errno;
    made->keep();
    if (reason == EEXIST && fs::is_directory(folder, error)) return;  // another process was quicker
    throw_system_error(reason == EEXIST ? ENOTDIR : reason, folder.string());
  }
  made_.things.push_back(std::move(made));
}

void ResultFolder::open_record() {
  const std::set<std::string> names = names_in(target_, true);
  const bool first = names.count(kRecord) == 0;
  if (first && !names.empty()) {
    throw InputError(fmt::format("{}: holds other files than earlier results ({}), it is not overwritten",
                                 target_.string(), *names.begin()));
  }
  try {
    record_file_.emplace((target_ / kRecord).string());
  } catch (const std::system_error& error) {
    if (error.code() != std::errc::device_or_resource_busy) throw;
    throw InputError(target_.string() + ": another run is writing its results into it");
  }
  records_ = parse_records(text_in(record_file_->descriptor()), target_);
  if (!records_.empty()) return;
  made_.things.push_back(std::make_unique<Unfinished>((target_ / kRecord).string(), Unfinished::Kind::file));
  if (!put_text(record_file_->descriptor(), record_text({}))) throw_system_error(errno, target_.string());
}

void ResultFolder::require_ours() const {
  for (const std::string& name : names_in(target_)) {
    const auto same = [&](const ResultRecord& record) { return record.name == name; };
    if (std::none_of(records_.begin(), records_.end(), same)) {
      throw InputError(fmt::format("{}: holds other files than earlier results ({}), it is not overwritten",
                                   target_.string(), name));
    }
    if (!ours(name)) {
      throw InputError(
          fmt::format("{}: {} has been changed since a run wrote it, it is not overwritten; move it away "
                      "or choose another folder",
                      target_.string(), name));
    }
  }
}

void ResultFolder::require_no_input(const std::vector<fs::path>& inputs) const {
  for (const fs::path& input : inputs) {
    std::error_code error;
    const fs::path place = fs::canonical(input, error);
    if (!error && place.parent_path() == target_) {
      throw InputError(fmt::format("{}: the run reads {}, which its results would replace; choose another folder",
                                   target_.string(), place.filename().string()));
    }
  }
}

void ResultFolder::make_working() {
  std::error_code error;
  if (fs::exists(fs::symlink_status(working_, error)) && !record_file_->locked()) {
    throw InputError(fmt::format("{}: another run is writing its results into it, or was killed; if so, remove {}",
                                 target_.string(), working_.string()));
  }
  unfinished_.emplace(working_.string(), Unfinished::Kind::folder_of_files);
  fs::remove_all(working_);  // of a run that was killed: no other has the record
  if (::mkdir(working_.c_str(), 0777) != 0) throw_system_error(errno, working_.string());
}

/// Whether a file of that name is as a run has left it.
bool ResultFolder::ours(const std::string& name) const { return is_listed(target_ / name, records_); }

void ResultFolder::move_in(const std::string& name, std::vector<std::string>& kept) {
  const fs::path place = target_ / name;
  std::error_code error;
  if (fs::exists(fs::symlink_status(place, error)) && !ours(name)) {
    const fs::path free = free_name(place);
    fs::rename(place, free);
    kept.push_back(fmt::format("{}: changed by somebody else during the run, kept as {}", place.string(),
                               free.filename().string()));
  }
  fs::rename(working_ / name, place);
}

std::vector<std::string> ResultFolder::commit() {
  const SignalsWait wait;
  std::set<std::string> names = names_in(working_);
  std::vector<ResultRecord> written;
  written.reserve(names.size());
  for (const std::string& name : names) written.push_back(record_of(working_ / name));
  const auto put_records = [&](const std::vector<ResultRecord>& records) {
    if (put_text(record_file_->descriptor(), record_text(records))) return;
    throw_system_error(errno, target_.string() + ": cannot be written");
  };
  // Whatever happens from here on, every file of ours is on the list.
  std::vector<ResultRecord> all = records_;
  all.insert(all.end(), written.begin(), written.end());
  put_records(all);
  made_.keep_all();

  std::vector<std::string> kept;
  std::set<std::string> gone{kSummary};
  for (const ResultRecord& record : records_) {
    if (names.count(record.name) == 0) gone.insert(record.name);
  }
  for (const std::string& name : gone) {
    if (ours(name)) fs::remove(target_ / name);
  }
  const bool summary = names.erase(kSummary) > 0;
  for (const std::string& name : names) move_in(name, kept);
  if (summary) move_in(kSummary, kept);
  put_records(written);
  return kept;
}

void begin_result_list(const fs::path& folder) {
  const fs::path place = resolved(folder) / kRecord;
  const SignalsWait wait;
  try {
    if (fs::exists(place)) return;
    const LockedFile list(place.string());
    if (!text_in(list.descriptor()).empty()) return;  // another command was quicker
    if (!put_text(list.descriptor(), record_text({}))) throw_system_error(errno, place.string());
  } catch (const std::system_error& error) {
    throw InputError(fmt::format("{}: cannot be written: {}", place.string(), error.code().message()));
  }
}

void add_result_file(const fs::path& folder, const std::string& name, std::string_view content) {
  const fs::path target = resolved(folder);
  const fs::path place = target / name;
  const SignalsWait wait;
  try {
    if (!fs::exists(target / kRecord)) {
      throw InputError(
          fmt::format("{}: cannot be written: the folder has no list of what a run wrote ({}); choose "
                      "another place",
                      place.string(), kRecord));
    }
    std::optional<LockedFile> list;
    try {
      list.emplace((target / kRecord).string());
    } catch (const std::system_error& error) {
      if (error.code() != std::errc::device_or_resource_busy) throw;
      throw InputError(place.string() + ": cannot be written: a run is writing its results beside it");
    }
    std::vector<ResultRecord> records = parse_records(text_in(list->descriptor()), target);
    if (fs::exists(fs::symlink_status(place)) && !is_listed(place, records)) {
      throw InputError(place.string() +
                       ": is no longer as it was written, it is not overwritten; move it away or "
                       "choose another place");
    }
    const auto put_list = [&] {
      if (!put_text(list->descriptor(), record_text(records))) throw_system_error(errno, target.string());
    };
    // Until it is in its place, both are on the list.
    records.push_back(record_of(name, content));
    put_list();
    write_text_file(place.string(), content);
    records.erase(
        std::remove_if(records.begin(), records.end() - 1, [&](const ResultRecord& each) { return each.name == name; }),
        records.end() - 1);
    put_list();
  } catch (const std::system_error& error) {
    throw InputError(fmt::format("{}: cannot be written: {}", place.string(), error.code().message()));
  }
}

}  // namespace flexcim
