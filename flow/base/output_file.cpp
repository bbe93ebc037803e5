#include "flow/base/output_file.h"

#include "flow/base/error.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

namespace flexcim {
namespace {

namespace fs = std::filesystem;

constexpr int kMostLinks = 40;             // as many as the kernel follows
constexpr std::size_t kLongestName = 200;  // of the 255 bytes that a file system has for it

std::string hidden_name(const fs::path& place) {
  const std::string name = "." + place.filename().string().substr(0, kLongestName) + ".partial";
  return (place.parent_path() / name).string();
}

void write_stream(const std::string& path, std::string_view text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) throw_system_error(errno, path + ": cannot be written");
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int reason = errno;
      ::close(file);
      throw_system_error(reason, path + ": cannot be written");
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  ::close(file);
}

}  // namespace

std::string followed_links(const std::string& path) {
  fs::path place = path;
  for (int links = 0; links < kMostLinks; ++links) {
    std::error_code no_link;
    const fs::path next = fs::read_symlink(place, no_link);
    if (no_link) return place.string();
    place = place.parent_path() / next;  // an absolute one replaces the whole
  }
  return path;
}

OutputFile::OutputFile(const std::string& path)
    : path_(path), place_(followed_links(path)), partial_(hidden_name(place_)) {
  const SignalsWait
      wait;  // between the file's making and its registration, which is not ours if another process has it
  try {
    file_.emplace(partial_);
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::device_or_resource_busy)
      throw_system_error(EBUSY, path_ + ": another process is writing it");
    fail(error.code().value());
  }
  unfinished_.emplace(partial_, Unfinished::Kind::file);
  if (::ftruncate(file_->descriptor(), 0) != 0) fail(errno);  // what a process that was killed has left
}

void OutputFile::fail(int error) const { throw_system_error(error, path_ + ": cannot be written"); }

void OutputFile::write(const void* data, std::size_t bytes, std::uint64_t offset) {
  const auto* next = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t written = ::pwrite(file_->descriptor(), next, bytes, static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail(written < 0 ? errno : ENOSPC);
    next += written;
    bytes -= static_cast<std::size_t>(written);
    offset += static_cast<std::uint64_t>(written);
  }
}

void OutputFile::append(const void* data, std::size_t bytes) {
  write(data, bytes, appended_);
  appended_ += bytes;
}

void OutputFile::finish() {
  // A network file system may say only now that it is full; the file itself stays locked until it has its name.
  const int copy = ::dup(file_->descriptor());
  if (copy < 0 || ::close(copy) != 0) fail(errno);
  if (std::rename(partial_.c_str(), place_.c_str()) != 0) fail(errno);
  unfinished_->keep();
  file_.reset();
}

void write_text_file(const std::string& path, std::string_view text) {
  std::error_code ignored;
  if (fs::is_other(path, ignored)) return write_stream(path, text);
  OutputFile file(path);
  file.append(text.data(), text.size());
  file.finish();
}

}  // namespace flexcim
