// What a debugger sends. The first byte: raw bytes as they come, or payloads, a line each, of packets that are whole.
#include "platform/debug/gdb_session.h"
#include "tests/fuzz/target.h"
#include "tests/platform/debug/fake_target.h"
#include "tlm/interface/registers.h"
#include "tlm/interface/timer_registers.h"

#include <vector>

using namespace flexcim;
using namespace flexcim::debug;

namespace {

/// Two commands that have ended, and something that records.
class SmallMachine : public Machine, public TraceSwitch {
 public:
  std::size_t command_count() const override { return 2; }
  EndedCommand command(std::size_t number) const override {
    if (number >= 2) fuzz::finding("a command that there was not");
    return {7, number == 0 ? ErrorCode::none : ErrorCode::dma_address, 0x8000'0000, 100, 200 + number};
  }
  void reset() override {}
  const std::vector<TraceSwitch*>& traces() const override { return traces_; }
  std::string trace_name() const override { return "trace"; }
  void record(bool /*on*/) override {}

 private:
  std::vector<TraceSwitch*> traces_{this};
};

/// Answers are whole packets and acknowledgements, in a bounded number of bytes.
void check_answer(const std::string& answer, std::size_t asked) {
  constexpr std::size_t kMostForOne = 1 << 20;
  if (answer.size() > kMostForOne * (1 + asked / 4))
    fuzz::finding("an answer of " + std::to_string(answer.size()) + " bytes");
  PacketReader reader;
  for (const char byte : answer) {
    const PacketReader::Event event = reader.take(byte);
    if (event == PacketReader::Event::corrupt) fuzz::finding("an answer that is no packet: " + answer);
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<RegisterMap> devices{accelerator_registers::map(), TimerRegisters::register_map()};
  SmallMachine machine;
  test::FakeTarget target;
  target.around = &machine;
  GdbSession session(target, devices, {});
  std::string_view rest = fuzz::text_of(data, size);
  const bool raw = !rest.empty() && rest.front() == 'r';
  rest.remove_prefix(rest.empty() ? 0 : 1);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size() - 1) + 1;
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end);
    const std::string sent = raw ? std::string(line) : packet(line.substr(0, line.find('\n')));
    check_answer(session.receive(sent), sent.size());
    if (session.state() == GdbSession::State::running) check_answer(session.stopped({Signal::trap, Watch::read, 4}), 1);
  }
  session.leave();
  if (!target.points.empty()) fuzz::finding("a break- or watchpoint stays when the debugger leaves");
  return 0;
}
