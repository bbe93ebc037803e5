// Files and folders that are removed unless they get finished.
#pragma once

#include <chrono>
#include <csignal>
#include <string>

namespace flexcim {

/// Removes a file or folder that has not been finished: in its destructor, or by take_away_unfinished_on_signals()
/// where a signal ends the process first. Make it before the thing itself, so that there is no moment in which a signal
/// would leave the thing behind.
class Unfinished {
 public:
  enum class Kind {
    file,
    empty_folder,     ///< stays if something is in it
    folder_of_files,  ///< removed with its files; holds no folders
  };
  /// `path`: absolute, or for a process that stays in its working directory.
  Unfinished(std::string path, Kind kind);
  ~Unfinished();
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;

  /// Do not remove it: it is finished, or no longer has this name.
  void keep();

 private:
  friend void take_away_unfinished();

  const std::string path_;
  const Kind kind_;
  bool kept_ = false;
  Unfinished* older_ = nullptr;
};

/// Removes all that is unfinished, the newest first. Safe in a signal handler.
void take_away_unfinished();

/// From now on SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE and SIGXCPU remove what is unfinished, then end the process as
/// usual. Those that are ignored stay so (nohup, background jobs). To be called by main(): the signals are handled on
/// its thread and on a stack of their own, whatever coroutine runs.
void take_away_unfinished_on_signals();

/// While it lives, the first SIGINT or SIGTERM does not end the process: who can come to an end of its own asks for it.
/// The second ends it as usual. One at a time, on the main thread.
class EndRequest {
 public:
  EndRequest();
  ~EndRequest();
  EndRequest(const EndRequest&) = delete;
  EndRequest& operator=(const EndRequest&) = delete;

  /// The signal that has come; 0 where none has. On any thread.
  static int signal();
};

/// Ends the process by `signal` as if it had come now, to the main thread.
[[noreturn]] void end_by(int signal);

/// Holds those signals back while it lives: for a few steps that belong together. On the main thread.
class SignalsWait {
 public:
  SignalsWait();
  ~SignalsWait();
  SignalsWait(const SignalsWait&) = delete;
  SignalsWait& operator=(const SignalsWait&) = delete;

  /// Waits for such a signal, at most so long. 0 where none has come. One that has come is held back no more: who
  /// raises it again is ended by it when this object goes.
  int next(std::chrono::milliseconds limit) const;

 private:
  sigset_t before_;
};

}  // namespace flexcim
