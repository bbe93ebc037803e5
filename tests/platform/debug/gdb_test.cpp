// Firmware under the real gdb.
#include "platform/debug/gdb_server.h"
#include "tests/platform/debug/debugged_hart_bench.h"
#include "tests/tlm/in_process.h"

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <unistd.h>

namespace flexcim {
namespace {

using namespace debug::test;
using Catch::Matchers::Contains;
using debug::DebugTarget;
using debug::Resume;
using debug::StopReason;
using flexcim::test::in_process;

/// Presses Ctrl-C in the terminal of gdb, whose process has the number in a file, when the program has run for a
/// while.
class Impatient : public debug::Debugger {
 public:
  Impatient(debug::GdbServer& server, std::string pid_file) : server_(server), pid_file_(std::move(pid_file)) {}
  Resume stopped(DebugTarget& target, const StopReason& reason) override { return server_.stopped(target, reason); }
  bool wants_stop() override {
    if (++asked_ == kPatience) {
      pid_t pid = 0;
      std::ifstream(pid_file_) >> pid;
      if (pid > 0) kill(pid, SIGINT);
    }
    return server_.wants_stop();
  }

 private:
  debug::GdbServer& server_;
  const std::string pid_file_;
  static constexpr int kPatience = 10;
  int asked_ = 0;
};

/// What gdb prints that does `commands` with the program, then how the simulation has ended.
std::string gdb(const Firmware& firmware, const std::string& commands, bool impatient = false) {
  alarm(60);  // a gdb that does not come
  debug::GdbServer server(0, {TimerRegisters::register_map()});
  char script[] = "/tmp/flexcim_gdb_XXXXXX";
  const int file = mkstemp(script);
  REQUIRE(file >= 0);
  close(file);
  const std::string pid_file = std::string(script) + ".pid";
  std::ofstream(script) << "set pagination off\nset confirm off\nset width 0\nshell echo $PPID >" << pid_file
                        << "\ntarget remote 127.0.0.1:" << server.port() << "\n"
                        << commands;
  std::FILE* const output =
      popen(fmt::format("timeout 50 gdb-multiarch -nx -batch -x {} 2>&1 </dev/null", script).c_str(), "r");
  REQUIRE(output != nullptr);
  Impatient debugger(server, pid_file);
  Bench bench(firmware, impatient ? static_cast<debug::Debugger*>(&debugger) : &server);
  const std::string end = bench.run(5000);
  server.exited(bench.finisher.exit_code().value_or(-1));
  std::string text;
  char line[256];
  while (std::fgets(line, sizeof line, output) != nullptr) text += line;
  pclose(output);
  std::remove(script);
  std::remove(pid_file.c_str());
  return text + end;
}

TEST_CASE("gdb: attaches before the first instruction, breaks, steps, reads, writes and watches, and sees the end") {
  const Program program;
  const std::string text = gdb(program.firmware, fmt::format(R"(
p/x $pc
break *{0:#x}
hbreak *{1:#x}
continue
p/x $pc
p $t0
stepi
stepi
p $a0
x/i $pc
set $a0 = 0x1234
set $mscratch = 99
p $mscratch
p $mtvec == $ra
set *(int*){2:#x} = 7
delete 1
watch *(int*){2:#x}
continue
p/x *(int*){2:#x}
delete 3
rwatch *(char*){3:#x}
continue
x/i $pc
delete 4
continue
monitor until 20us
continue
monitor time
monitor registers timer mtimecmp
x/i $pc
continue
)",
                                                             program.loop, program.sleep, kData, kData + 1));
  INFO(text);
  for (const char* line :
       {"$1 = 0x8000000\n", "$3 = 300\n", "$4 = 1\n", "=> 0x800004c:\tsw\ta0,0(gp)\n", "$5 = 99\n", "$6 = 1\n",
        "Old value = 7\nNew value = 4660\n", "$7 = 0x1234\n", "Hardware read watchpoint 4: *(char*)0x8001001\n",
        "Value = 18 '\\022'\n", "the next continue stops at 20.000000 us\n", "Program received signal SIGINT", "\n20.0",
        "0x02004000 MTIMECMP             0x0000012c", "=> 0x8000060:\t", "exited with code 05]"}) {
    CHECK_THAT(text, Contains(line));
  }
  CHECK_THAT(text, Contains("exit code 5, "));
}

TEST_CASE("gdb: Ctrl-C stops a program that runs, and it goes on as if nothing had been after detach") {
  Firmware endless(kSram);  // until the debugger sets a1
  endless.add({addi(a0, a0, 1), beq(a1, zero, -4)});
  endless.load(a4, kFinisher).load(a5, 0x5555).add({sw(a5, 0, a4), j(0)});
  const std::string text = gdb(endless, "continue\np $a0 > 0\nset $a1 = 1\ndetach\n", true);
  INFO(text);
  CHECK_THAT(text, Contains("received signal SIGINT") && Contains("$1 = 1\n") && Contains("detached") &&
                       Contains("exit code 0, "));
}

TEST_CASE("gdb: a program that cannot go on, one that is killed, and all CSRs") {
  Firmware faulty(kSram);
  faulty.load(a0, 0x4000'0000).add({lw(a1, 0, a0), ebreak, j(0)});
  const auto run = [&](const char* commands) { return in_process([&] { return gdb(faulty, commands); }); };
  CHECK_THAT(run("continue\np/x $pc\nsignal 0\ncontinue\n"), Contains("Program received signal SIGSEGV") &&
                                                                 Contains("$1 = 0x8000008") &&
                                                                 Contains("Program terminated with signal SIGSEGV") &&
                                                                 Contains("host at 0x8000008: load access fault"));
  CHECK_THAT(run("info registers csr\nset $pc += 12\ncontinue\nkill\n"),
             Contains("mstatus        0x1800") && Contains("SIGTRAP") && Contains("killed]") &&
                 Contains("the debugger has killed the program"));
}

}  // namespace
}  // namespace flexcim
