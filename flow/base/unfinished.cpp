#include "flow/base/unfinished.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <mutex>
#include <pthread.h>
#include <unistd.h>

namespace flexcim {
namespace {

constexpr int kSignals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGXCPU};

// A list that a signal handler can walk at any moment: every change of it is one store of a pointer.
std::atomic<Unfinished*> newest_unfinished{nullptr};
std::mutex list_changes;  ///< of two threads; the handler does not ask for it
pthread_t main_thread;
std::atomic<bool> end_is_asked_for{false};  ///< the next SIGINT or SIGTERM is kept
std::atomic<int> end_request{0};

sigset_t ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : kSignals) sigaddset(&set, signal);
  return set;
}

bool is_ignored(int signal) {
  struct sigaction action {};
  ::sigaction(signal, nullptr, &action);
  return action.sa_handler == SIG_IGN;
}

void remove_files_in(const char* path) {
  const int folder = ::open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (folder < 0) return;
  alignas(dirent64) char entries[4096];
  for (ssize_t bytes; (bytes = ::getdents64(folder, entries, sizeof entries)) > 0;) {
    for (ssize_t at = 0; at < bytes;) {
      const auto* entry = reinterpret_cast<const dirent64*>(entries + at);
      ::unlinkat(folder, entry->d_name, 0);
      at += entry->d_reclen;
    }
  }
  ::close(folder);
}

void take_away(const char* path, Unfinished::Kind kind) {
  if (kind == Unfinished::Kind::file) {
    ::unlink(path);
    return;
  }
  // Again where something was made meanwhile, by a program that was started for example.
  for (int again = kind == Unfinished::Kind::folder_of_files ? 3 : 0; again > 0; --again) {
    remove_files_in(path);
    if (::rmdir(path) == 0) return;
  }
  ::rmdir(path);
}

void end_process(int signal) {
  if (pthread_equal(pthread_self(), main_thread) == 0) {  // where the list is not being changed
    pthread_kill(main_thread, signal);
    return;
  }
  if ((signal == SIGINT || signal == SIGTERM) && end_is_asked_for.exchange(false)) {
    end_request = signal;
    return;
  }
  take_away_unfinished();
  ::signal(signal, SIG_DFL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  ::raise(signal);
}

}  // namespace

Unfinished::Unfinished(std::string path, Kind kind) : path_(std::move(path)), kind_(kind) {
  const std::lock_guard<std::mutex> lock(list_changes);
  older_ = newest_unfinished;
  newest_unfinished = this;
}

Unfinished::~Unfinished() {
  if (!kept_) take_away(path_.c_str(), kind_);
  keep();
}

void Unfinished::keep() {
  if (kept_) return;
  kept_ = true;
  const std::lock_guard<std::mutex> lock(list_changes);
  if (newest_unfinished == this) {
    newest_unfinished = older_;
    return;
  }
  Unfinished* newer = newest_unfinished;
  while (newer->older_ != this) newer = newer->older_;
  newer->older_ = older_;
}

void take_away_unfinished() {
  for (const Unfinished* each = newest_unfinished; each != nullptr; each = each->older_) {
    take_away(each->path_.c_str(), each->kind_);
  }
}

void take_away_unfinished_on_signals() {
  static char stack[1 << 16];  // coroutines have small ones
  stack_t alternative{};
  alternative.ss_sp = stack;
  alternative.ss_size = sizeof stack;
  ::sigaltstack(&alternative, nullptr);
  main_thread = pthread_self();
  for (const int signal : kSignals) {
    if (is_ignored(signal)) continue;
    struct sigaction action {};
    action.sa_handler = end_process;
    action.sa_mask = ending_signals();
    action.sa_flags = SA_ONSTACK | SA_RESTART;
    ::sigaction(signal, &action, nullptr);
  }
}

EndRequest::EndRequest() {
  end_request = 0;
  end_is_asked_for = true;
}

EndRequest::~EndRequest() { end_is_asked_for = false; }

int EndRequest::signal() { return end_request; }

void end_by(int signal) {
  end_is_asked_for = false;
  end_process(signal);
  std::_Exit(128 + signal);  // it is ignored
}

SignalsWait::SignalsWait() {
  const sigset_t set = ending_signals();
  pthread_sigmask(SIG_BLOCK, &set, &before_);
}

int SignalsWait::next(std::chrono::milliseconds limit) const {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : kSignals) {
    if (!is_ignored(signal)) sigaddset(&set, signal);
  }
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(limit);
  const timespec time{seconds.count(), std::chrono::nanoseconds(limit - seconds).count()};
  return std::max(::sigtimedwait(&set, nullptr, &time), 0);
}

SignalsWait::~SignalsWait() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

}  // namespace flexcim
