// Files and folders that must not outlast what makes them.
#pragma once

#include <csignal>
#include <string>

namespace flexcim {

/// Something that is there only until it is finished: taken away by its destructor, and by
/// take_away_unfinished_on_signals() where a signal ends the process first. To be made before the thing itself, so that
/// there is no moment in which a signal would leave it behind.
class Unfinished {
 public:
  enum class Kind {
    file,
    empty_folder,     ///< stays where something else is in it
    folder_of_files,  ///< with all of them; it has no folders in it
  };
  /// `path`: absolute, or for a process that stays in its working directory.
  Unfinished(std::string path, Kind kind);
  ~Unfinished();
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;

  /// It is finished, or is not there under this name any more.
  void keep();

 private:
  friend void take_away_unfinished();

  const std::string path_;
  const Kind kind_;
  bool kept_ = false;
  Unfinished* older_ = nullptr;
};

/// Takes away all that is unfinished, the newest first, and only by functions that a signal handler may call.
void take_away_unfinished();

/// From now on SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE and SIGXCPU take away what is unfinished, then end the process
/// as they would have without. Those that are ignored stay so (nohup, background jobs). To be called by main(): the
/// signals are handled on its thread and on a stack of their own, whatever coroutine runs.
void take_away_unfinished_on_signals();

/// For as long as it lives, those signals wait: for a few steps that belong together. On the main thread.
class SignalsWait {
 public:
  SignalsWait();
  ~SignalsWait();
  SignalsWait(const SignalsWait&) = delete;
  SignalsWait& operator=(const SignalsWait&) = delete;

 private:
  sigset_t before_;
};

}  // namespace flexcim
