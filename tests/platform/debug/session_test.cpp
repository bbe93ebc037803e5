// The GDB remote serial protocol without sockets: text in, text out.
#include "platform/debug/gdb_session.h"
#include "tests/platform/debug/fake_target.h"
#include "tlm/interface/timer_registers.h"

#include <catch2/catch.hpp>
#include <random>

namespace flexcim::debug {
namespace {

using namespace test;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;
using State = GdbSession::State;

const std::vector<RegisterMap> kDevices{TimerRegisters::register_map()};

struct SessionBench {
  FakeTarget target;
  GdbSession session;

  explicit SessionBench(const StopReason& reason = {}) : session(target, kDevices, reason) {}
  /// The answer's payload; "+" has to come before it.
  std::string ask(std::string_view payload) {
    const std::string answer = session.receive(packet(payload));
    REQUIRE_THAT(answer, StartsWith("+"));
    return payload_of(answer.substr(1));
  }
  static std::string payload_of(const std::string& text) {
    PacketReader reader;
    for (const char byte : text) {
      if (reader.take(byte) == PacketReader::Event::packet) return reader.payload();
    }
    return "nothing";
  }
};

TEST_CASE("GDB packets: checksum, escapes, and what is none") {
  CHECK(packet("OK") == "$OK#9a");
  CHECK(packet("") == "$#00");
  CHECK(packet("a#b") ==
        "$a}\x03"
        "b#43");
  const auto events = [](const std::string& text) {
    PacketReader reader;
    std::string seen;
    for (const char byte : text) {
      switch (reader.take(byte)) {
        case PacketReader::Event::none:
          break;
        case PacketReader::Event::packet:
          seen += "[" + reader.payload() + "]";
          break;
        case PacketReader::Event::corrupt:
          seen += "corrupt";
          break;
        case PacketReader::Event::too_long:
          seen += "long";
          break;
        case PacketReader::Event::interrupt:
          seen += "^C";
          break;
        case PacketReader::Event::ack:
          seen += "+";
          break;
        case PacketReader::Event::nak:
          seen += "-";
      }
    }
    return seen;
  };
  CHECK(events("+$OK#9a-\x03") == "+[OK]-^C");
  CHECK(events("noise$OK#9A$OK#9b$OK#xx$#00") == "[OK]corruptcorrupt[]");
  CHECK(events(packet("$#}*\x03+-")) == "[$#}*\x03+-]");
  CHECK(events("$" + std::string(kMostPacketBytes, 'x') + "#00") == "[" + std::string(kMostPacketBytes, 'x') + "]");
  CHECK(events("$" + std::string(kMostPacketBytes + 1, 'x')) == "long");
}

TEST_CASE("GDB: what a client asks first") {
  SessionBench bench;
  CHECK(bench.ask("qSupported:multiprocess+;swbreak+") ==
        "PacketSize=4000;qXfer:features:read+;vContSupported+;QStartNoAckMode+");
  CHECK(bench.ask("?") == "T05thread:1;");
  CHECK(bench.ask("qAttached") == "1");
  CHECK(bench.ask("qC") == "QC1");
  CHECK(bench.ask("qfThreadInfo") == "m1");
  CHECK(bench.ask("qsThreadInfo") == "l");
  CHECK(bench.ask("Hg0") == "OK");
  CHECK(bench.ask("Hc-1") == "OK");
  CHECK(bench.ask("Hg2") == "E16");
  CHECK(bench.ask("H") == "E16");
  CHECK(bench.ask("T1") == "OK");
  CHECK(bench.ask("vCont?") == "vCont;c;C;s;S;t");
  for (const char* unknown : {"vMustReplyEmpty", "qTStatus", "!", "R00", "", "Z5,0,0", "vFile:open"}) {
    CHECK(bench.ask(unknown).empty());
  }
  CHECK(bench.session.state() == State::stopped);
}

TEST_CASE("GDB: acknowledgements, and answers that are asked for again, until the client wants none") {
  SessionBench bench;
  const std::string answer = packet("QC1");
  CHECK(bench.session.receive("$qC#b4") == "+" + answer);
  CHECK(bench.session.receive("-") == answer);
  CHECK(bench.session.receive("$qC#b5") == "-");
  CHECK(bench.session.receive("$QStartNoAckMode#b0") == "+" + packet("OK"));
  CHECK(bench.session.receive("$qC#b4") == answer);
  CHECK(bench.session.receive("-").empty());
  CHECK(bench.session.receive("$qC#b5") == packet("E16"));
  CHECK(bench.session.state() == State::stopped);
  CHECK(bench.session.receive("--------").empty());
  CHECK(bench.session.state() == State::broken);
}

TEST_CASE("GDB: registers, all, one, and those that are none") {
  SessionBench bench;
  bench.target.general[1] = 0x1234'5678;
  bench.target.general[kPc] = 0x8000'0004;
  const std::string all = bench.ask("g");
  CHECK(all.size() == 33 * 8);
  CHECK(all.substr(0, 16) == "0000000078563412");
  CHECK(all.substr(32 * 8) == "04000080");
  CHECK(bench.ask("p1") == "78563412");
  CHECK(bench.ask("P2=efbeadde") == "OK");
  CHECK(bench.target.general[2] == 0xDEAD'BEEF);
  CHECK(bench.ask("P381=01000000") == "OK");  // 65 + 0x340
  CHECK(bench.target.scratch == 1);
  CHECK(bench.ask("pf55") == "07000000");  // 65 + 0xF14
  CHECK(bench.ask("Pf55=00000000") == "E0e");
  CHECK(bench.ask("p21") == "E0e");
  CHECK(bench.ask("pffffffff") == "E16");
  CHECK(bench.ask("P2=ef") == "E16");
  CHECK(bench.ask("P2") == "E16");
  CHECK(bench.ask("G" + all.substr(0, 24 * 8) + "44332211" + all.substr(25 * 8)) == "OK");
  CHECK(bench.target.general[24] == 0x1122'3344);
  CHECK(bench.target.general[2] == 0);
  CHECK(bench.ask("G" + all.substr(1)) == "E16");
  CHECK(bench.ask("G") == "E16");
}

TEST_CASE("GDB: memory in hexadecimal and in bytes, and where there is none") {
  SessionBench bench;
  CHECK(bench.ask("M80000010,3:010203") == "OK");
  CHECK(bench.ask("m8000000f,5") == "0001020300");
  CHECK(bench.ask("X80000020,4:$#}*") == "OK");
  CHECK(bench.target.memory[0x20] == '$');
  CHECK(bench.target.memory[0x23] == '*');
  CHECK(bench.ask("X80000020,0:") == "OK");
  CHECK(bench.ask("m8000fffe,8") == "0000");  // to its end
  CHECK(bench.ask("m80010000,1") == "E0e");
  CHECK(bench.ask("m0,ffffffff") == "E0e");
  CHECK(bench.ask("M8000ffff,2:0000") == "E0e");
  CHECK(bench.ask("m80000000,ffffffff").size() < kMostPacketBytes);
  for (const char* wrong : {"m", "m,", "m80000000", "m180000000,1", "mx,1", "m-1,1", "M80000000,2:00", "M80000000,1",
                            "M80000000,1:0", "X80000000,2:a", "M80000000,1:zz"}) {
    INFO(wrong);
    CHECK(bench.ask(wrong) == "E16");
  }
}

TEST_CASE("GDB: the description of the target names every register") {
  SessionBench bench;
  std::string text, part;
  do {
    part = bench.ask(fmt::format("qXfer:features:read:target.xml:{:x},40", text.size()));
    REQUIRE(part.size() <= 0x41);
    text += part.substr(1);
  } while (part[0] == 'm');
  CHECK(part[0] == 'l');
  CHECK_THAT(text, StartsWith("<?xml version=\"1.0\"?>") && EndsWith("</target>\n") &&
                       Contains("<architecture>riscv:rv32</architecture>") &&
                       Contains("<reg name=\"pc\" bitsize=\"32\" regnum=\"32\" type=\"code_ptr\"/>") &&
                       Contains("<reg name=\"mscratch\" bitsize=\"32\" regnum=\"897\" type=\"int\"/>"));
  CHECK(bench.ask("qXfer:features:read:other.xml:0,40") == "E00");
  CHECK(bench.ask("qXfer:features:read:target.xml:fffff,40") == "E16");
  CHECK(bench.ask("qXfer:features:read:target.xml") == "E16");
}

TEST_CASE("GDB: break- and watchpoints are set once, however often they are asked for") {
  SessionBench bench;
  using Points = std::vector<std::string>;
  CHECK(bench.ask("Z0,80000004,4") == "OK");
  CHECK(bench.ask("Z0,80000004,2") == "OK");
  CHECK(bench.ask("Z1,80000004,4") == "OK");
  CHECK(bench.target.points == Points{"break 80000004 80000004"});
  CHECK(bench.ask("z0,80000004,4") == "OK");
  CHECK(bench.target.points == Points{"break 80000004 80000004"});
  CHECK(bench.ask("z1,80000004,4") == "OK");
  CHECK(bench.ask("z1,80000004,4") == "OK");
  CHECK(bench.target.points.empty());
  CHECK(bench.ask("Z2,80000010,4") == "OK");
  CHECK(bench.ask("Z3,80000010,8") == "OK");
  CHECK(bench.ask("Z4,ffffffff,1") == "OK");
  CHECK(bench.target.points == Points{"write 80000010 80000013", "read 80000010 80000017", "access ffffffff ffffffff"});
  for (const char* wrong : {"Z0,80000001,4", "Z2,0,0", "Z2,ffffffff,2", "Z2,0,ffffffff", "Z0", "Z0,", "Z0,4", "Z"}) {
    INFO(wrong);
    CHECK(bench.ask(wrong) == "E16");
  }
  bench.target.stops_at = 5;
  bench.target.stops_after = CommandStop{};
  bench.session.leave();
  CHECK(bench.target.points.empty());
  CHECK(bench.target.stops_at == UINT64_MAX);
  CHECK_FALSE(bench.target.stops_after.has_value());
  for (unsigned i = 0; i < 1024; ++i) CHECK(bench.ask(fmt::format("Z0,{:x},2", 2 * i)) == "OK");
  CHECK(bench.ask("Z0,80000004,4") == "E0c");
}

/// What the session does with a packet that lets the target go on.
std::pair<State, Resume> after(const std::string& payload, const StopReason& reason = {}) {
  SessionBench bench(reason);
  bench.session.receive(packet(payload));
  return {bench.session.state(), bench.session.resume()};
}

TEST_CASE("GDB: the target goes on, steps, and says why it has stopped") {
  CHECK(after("c") == std::pair(State::running, Resume::run));
  CHECK(after("s") == std::pair(State::running, Resume::step));
  CHECK(after("C05") == std::pair(State::running, Resume::run));
  CHECK(after("S05;80000000") == std::pair(State::running, Resume::step));
  CHECK(after("vCont;c") == std::pair(State::running, Resume::run));
  CHECK(after("vCont;s:1;c") == std::pair(State::running, Resume::step));
  CHECK(after("vCont;s:7;c:-1") == std::pair(State::running, Resume::run));
  CHECK(after("vCont;C05;c") == std::pair(State::running, Resume::run));
  CHECK(after("vCont;S05:1") == std::pair(State::running, Resume::step));
  for (const char* stays : {"cx", "Cxx", "C", "vCont;", "vCont;x", "vCont;c:9", "vCont;Cx", "vCont;t", "vCont"}) {
    INFO(stays);
    CHECK(after(stays).first == State::stopped);
  }
  SessionBench bench;
  CHECK(bench.session.receive(packet("c8000000a")) == "+");
  CHECK(bench.target.general[kPc] == 0x8000'000A);
  CHECK(SessionBench::payload_of(bench.session.stopped({Signal::trap, Watch::write, 0x8000'0010})) ==
        "T05thread:1;watch:80000010;");
  CHECK(bench.ask("?") == "T05thread:1;watch:80000010;");
  bench.session.receive(packet("c"));
  CHECK(SessionBench::payload_of(bench.session.stopped({Signal::trap, Watch::access, 0x10})) ==
        "T05thread:1;awatch:10;");
  CHECK(GdbSession::exited(3) == packet("W03"));
}

TEST_CASE("GDB: Ctrl-C asks a running target for a stop, and one that stands still for nothing") {
  SessionBench bench;
  bench.session.receive("\x03");
  CHECK_FALSE(bench.session.interrupted());
  bench.session.receive(packet("c") + "\x03");
  CHECK(bench.session.interrupted());
  CHECK(SessionBench::payload_of(bench.session.stopped({Signal::interrupted})) == "T02thread:1;");
  CHECK_FALSE(bench.session.interrupted());
  // While the target runs a client in all-stop mode has nothing to ask.
  bench.session.receive(packet("c") + "++");
  CHECK(bench.session.state() == State::running);
  CHECK(bench.session.receive(packet("g")).empty());
  CHECK(bench.session.state() == State::broken);
}

TEST_CASE("GDB: a fatal stop ends the program when the client hands on its signal, and not otherwise") {
  const StopReason fatal{Signal::access_fault, {}, 0, true};
  CHECK(after("C0b", fatal) == std::pair(State::running, Resume::give_up));
  CHECK(after("vCont;C0b:1", fatal) == std::pair(State::running, Resume::give_up));
  CHECK(after("c", fatal) == std::pair(State::running, Resume::run));
  CHECK(after("s", fatal) == std::pair(State::running, Resume::step));
  CHECK(after("C05", fatal) == std::pair(State::running, Resume::run));
  CHECK(after("C0b") == std::pair(State::running, Resume::run));
  SessionBench bench(fatal);
  CHECK(bench.ask("?") == "T0bthread:1;");
  CHECK(bench.ask("C0b") == "X0b");
}

TEST_CASE("GDB: detach and kill") {
  SessionBench bench;
  CHECK(bench.ask("D") == "OK");
  CHECK(bench.session.state() == State::detached);
  CHECK(bench.session.receive(packet("g")).empty());
  CHECK(after("k").first == State::killed);
  CHECK(after("vKill;1").first == State::killed);
}

/// What `monitor COMMAND` prints.
std::string monitored(SessionBench& bench, const std::string& command) {
  const std::string answer = bench.session.receive(packet("qRcmd," + to_hex(command)));
  std::string text;
  PacketReader reader;
  bool done = false;
  for (const char byte : answer) {
    if (reader.take(byte) != PacketReader::Event::packet) continue;
    REQUIRE_FALSE(done);
    done = reader.payload() == "OK";
    if (!done) text += from_hex(reader.payload().substr(1)).value();
  }
  REQUIRE(done);
  return text;
}

TEST_CASE("GDB: monitor commands") {
  SessionBench bench;
  CHECK(monitored(bench, "time") == "1.234567 us\n");
  CHECK(monitored(bench, "until 2.5 us") == "the next continue stops at 2.500000 us\n");
  CHECK(bench.target.stops_at == 2'500'000);
  CHECK(monitored(bench, "until 10ms") == "the next continue stops at 10000.000000 us\n");
  CHECK(monitored(bench, "until 1ns") == "that was before now: 1.234567 us\n");
  for (const char* wrong :
       {"until", "until x", "until 5", "until -5us", "until 5 hours", "until 1e30s", "until nan s"}) {
    INFO(wrong);
    CHECK(monitored(bench, wrong) == "monitor until TIME: a number and ps, ns, us, ms or s\n");
  }
  CHECK(bench.target.stops_at == 10'000'000'000);
  CHECK(monitored(bench, "registers") == "monitor registers DEVICE [NAME]; devices: TIMER\n");
  CHECK(monitored(bench, "registers uart") == "monitor registers DEVICE [NAME]; devices: TIMER\n");
  CHECK(monitored(bench, "registers timer nix") == "TIMER has no register nix\n");
  CHECK_THAT(monitored(bench, "registers timer"), Contains("0x0200bffc MTIME_HIGH ") && Contains("does not answer"));
  for (const char* help : {"help", "", "reset now", "time now", "commands 1 2", "trace on now"}) {
    CHECK_THAT(monitored(bench, help), StartsWith("monitor time ") && Contains("\nmonitor registers DEVICE "));
  }
  CHECK(bench.ask("qRcmd,0") == "E16");
}

/// Three commands, of which the second has an error, and two traces.
struct FakeMachine : Machine {
  struct Trace : TraceSwitch {
    explicit Trace(std::string its) : name(std::move(its)) {}
    std::string trace_name() const override { return name; }
    void record(bool record) override { on = record; }
    std::string name;
    bool on = true;
  };
  std::size_t command_count() const override { return 3; }
  EndedCommand command(std::size_t number) const override {
    const std::uint64_t begin = 1'000'000 * number;
    return {static_cast<std::uint32_t>(7 + number), number == 1 ? ErrorCode::bad_opcode : ErrorCode::none,
            0x8000'0000 + 96 * number, begin, begin + 500};
  }
  void reset() override {}
  const std::vector<TraceSwitch*>& traces() const override { return all; }

  Trace waves{"waves"}, log{"log"};
  std::vector<TraceSwitch*> all{&waves, &log};
};

TEST_CASE("GDB: monitor commands about the machine around the processor") {
  SessionBench bench;
  for (const char* command : {"until command", "until command 2", "commands", "trace", "trace off"}) {
    CHECK(monitored(bench, command) == "nothing is known of the machine around the processor\n");
  }
  FakeMachine machine;
  bench.target.around = &machine;
  CHECK(monitored(bench, "until command") == "the next continue stops when the accelerator has ended a command\n");
  CHECK(bench.target.stops_after->count == 1);
  CHECK(monitored(bench, "until command 12") == "the next continue stops when the accelerator has ended 12 commands\n");
  CHECK(bench.target.stops_after->count == 12);
  CHECK_FALSE(bench.target.stops_after->only_errors);
  CHECK(monitored(bench, "until command error") ==
        "the next continue stops when the accelerator has ended a command with an error\n");
  CHECK(bench.target.stops_after->count == 1);
  CHECK(bench.target.stops_after->only_errors);
  for (const char* wrong : {"until command 0", "until command x", "until command -1", "until command 1x"}) {
    CHECK(monitored(bench, wrong) == "monitor until command [N|error]\n");
  }
  CHECK_THAT(monitored(bench, "until command 1 2"), StartsWith("monitor until TIME"));

  const std::string last = "     2 tag 0x00000009 at 0x800000c0 from 2.000000 us to 2.000500 us\n";
  CHECK(monitored(bench, "commands 1") == "3 commands have ended\n" + last);
  CHECK(monitored(bench, "commands") ==
        "3 commands have ended\n"
        "     0 tag 0x00000007 at 0x80000000 from 0.000000 us to 0.000500 us\n"
        "     1 tag 0x00000008 at 0x80000060 from 1.000000 us to 1.000500 us BAD_OPCODE\n" +
            last);
  CHECK(monitored(bench, "commands 0") == "monitor commands [N]\n");

  CHECK(monitored(bench, "trace") == "traces: waves log\n");
  CHECK(monitored(bench, "trace off") == "not recorded: waves log\n");
  CHECK_FALSE(machine.waves.on);
  CHECK(monitored(bench, "trace on") == "recorded: waves log\n");
  CHECK(machine.log.on);
  CHECK(monitored(bench, "trace maybe") == "monitor trace [on|off]\n");
  machine.all.clear();
  CHECK(monitored(bench, "trace off") == "nothing is recorded in this run\n");
}

TEST_CASE("GDB: after a reset the program goes on although it could not before") {
  FakeTarget target;
  const std::vector<RegisterMap> devices;
  StopReason trapped{Signal::access_fault, {}, 0, true};
  GdbSession session(target, devices, trapped);
  session.receive(packet("qRcmd," + to_hex("reset")));
  CHECK(target.resets == 1);
  session.receive(packet("C0b"));
  CHECK(session.resume() == Resume::run);
}

TEST_CASE("GDB: random and mutated packets are answered or end the visit, and nothing grows") {
  const std::vector<std::string> seeds{"qSupported:xmlRegisters=riscv",
                                       "g",
                                       "p20",
                                       "P2=00000000",
                                       "m80000000,40",
                                       "M80000000,4:00112233",
                                       std::string("X80000000,4:\0\1\2\3", 16),
                                       "Z0,80000000,4",
                                       "z2,80000000,4",
                                       "Z4,80000000,10",
                                       "vCont;s:1;c",
                                       "vCont;C05:1;c",
                                       "C0b;80000000",
                                       "qXfer:features:read:target.xml:0,fff",
                                       "Hg1",
                                       "qRcmd,72656769737465727320",
                                       "G" + std::string(264, '0'),
                                       "T1",
                                       "?",
                                       "QStartNoAckMode",
                                       "D",
                                       "qRcmd,756e74696c20316d73"};
  std::mt19937 random(1);
  std::size_t most = 0;
  for (int visit = 0; visit < 300; ++visit) {
    SessionBench bench(visit % 2 == 0 ? StopReason{} : StopReason{Signal::illegal_instruction, {}, 0, true});
    for (int i = 0; i < 50; ++i) {
      std::string payload = seeds[random() % seeds.size()];
      for (unsigned changes = random() % 4; changes > 0 && !payload.empty(); --changes) {
        const std::size_t at = random() % payload.size();
        const auto byte = static_cast<char>(random());
        if (random() % 3 == 0) payload[at] = byte;
        if (random() % 3 == 0) payload.insert(at, 1 + random() % 20, "0123456789abcdef,;:=#$"[random() % 22]);
        if (random() % 3 == 0) payload.resize(at);
      }
      std::string bytes = random() % 8 == 0 ? "$" + payload + "#00" : packet(payload);
      if (random() % 16 == 0) bytes[random() % bytes.size()] = static_cast<char>(random());
      if (random() % 64 == 0) bytes.insert(0, 1 + random() % 3, '-');
      const std::string answer = bench.session.receive(bytes);
      most = std::max(most, answer.size());
      if (bench.session.state() == State::running) bench.session.stopped({Signal::trap});
      if (bench.session.state() != State::stopped) break;
    }
    bench.session.leave();
    CHECK(bench.target.points.empty());
  }
  CHECK(most < 8 * kMostPacketBytes);
  // Never the end of a packet.
  SessionBench bench;
  bench.session.receive("$" + std::string(100'000, 'm'));
  CHECK(bench.session.state() == State::broken);
}

}  // namespace
}  // namespace flexcim::debug
