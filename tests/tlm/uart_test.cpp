#include "tlm/peripherals/uart.h"

#include "tests/tlm/at_initiator.h"
#include "tests/tlm/device_bench.h"

#include <sstream>

using namespace flexcim;

namespace {

using Changes = std::vector<std::pair<sc_core::sc_time, bool>>;

constexpr std::uint32_t on = 1;
constexpr std::uint32_t level(std::uint32_t characters) { return characters << 16; }  // txcnt, rxcnt

/// A UART on a clock of 10 ns. With DIV = 9 a bit takes (9 + 1) * 10 ns, a character 1 + 8 + 1 bits = 1000 ns.
struct UartBench {
  DeviceBus bus;
  std::ostringstream output;
  Uart uart{"uart", ns(10), output};
  LineLog interrupt{"interrupt_log"};

  UartBench() {
    bus.connect(uart.socket);
    uart.interrupt.bind(interrupt.line);
  }
  void send(const std::string& text) {
    for (const char c : text) bus.write(Uart::txdata, static_cast<unsigned char>(c));
  }
  void at_time(double time, const std::string& expected_output) {
    at(ns(time));
    CHECK(output.str() == expected_output);
  }
};

}  // namespace

TEST_CASE("UART: a character appears when its stop bit has left the line") {
  UartBench bench;
  simulate([&] {
    bench.bus.write(Uart::div, 9);
    bench.bus.write(Uart::txctrl, on);
    bench.send("AB");
    CHECK(bench.bus.read(Uart::status) == Uart::tx_busy);
    bench.at_time(999, "");
    bench.at_time(1000, "A");
    bench.at_time(1999, "A");
    bench.at_time(2000, "AB");
    CHECK(bench.bus.read(Uart::status) == 0);
  });
}

TEST_CASE("UART: reset gives 115200 baud, a second stop bit and DIV count from the next character on") {
  UartBench bench;
  simulate([&] {
    CHECK(bench.bus.read(Uart::div) == 867);  // 1 s / 115200 / 10 ns = 868.06 cycles
    bench.bus.write(Uart::txctrl, on);
    bench.send("abc");
    bench.bus.write(Uart::div, 99);
    bench.at_time(86799, "");
    bench.at_time(86800, "a");  // 10 bits * 868 * 10 ns
    bench.bus.write(Uart::txctrl, on | 2);
    bench.at_time(96799, "a");
    bench.at_time(96800, "ab");  // + 10 bits * 100 * 10 ns
    bench.at_time(107799, "ab");
    bench.at_time(107800, "abc");  // + 11 bits * 100 * 10 ns
  });
}

TEST_CASE("UART: nothing is sent until the transmitter is enabled") {
  UartBench bench;
  simulate([&] {
    bench.bus.write(Uart::div, 9);
    bench.send("x");
    bench.at_time(5000, "");
    bench.bus.write(Uart::txctrl, on);
    bench.at_time(5999, "");
    bench.at_time(6000, "x");
  });
}

TEST_CASE("UART: the FIFO holds eight characters beside the one on the line, what does not fit is lost and shown") {
  UartBench bench;
  simulate([&] {
    bench.bus.write(Uart::div, 9);
    bench.bus.write(Uart::txctrl, on);
    bench.send("01234567");
    CHECK(bench.bus.read(Uart::txdata) == 0);
    bench.send("8");
    CHECK(bench.bus.read(Uart::txdata) == Uart::fifo_full);
    CHECK(bench.bus.read(Uart::status) == Uart::tx_busy);
    bench.send("9");
    CHECK(bench.bus.read(Uart::status) == (Uart::tx_overrun | Uart::tx_busy));
    bench.bus.write(Uart::status, Uart::rx_overrun);  // another bit leaves it
    CHECK(bench.bus.read(Uart::status) == (Uart::tx_overrun | Uart::tx_busy));
    bench.bus.write(Uart::status, Uart::tx_overrun | Uart::tx_busy);
    CHECK(bench.bus.read(Uart::status) == Uart::tx_busy);
    bench.at_time(1000, "0");
    CHECK(bench.bus.read(Uart::txdata) == 0);
    bench.at_time(9000, "012345678");
    bench.at_time(20000, "012345678");
  });
}

TEST_CASE("UART: transmit interrupt while fewer than TXCNT characters wait") {
  UartBench bench;
  simulate([&] {
    bench.bus.write(Uart::div, 9);
    bench.bus.write(Uart::txctrl, on | level(2));
    CHECK(bench.bus.read(Uart::ip) == Uart::tx_watermark);
    at(ns(10));
    bench.bus.write(Uart::ie, Uart::tx_watermark);
    at(ns(100));
    bench.send("abcd");  // one on the line, three wait
    at(ns(5000));
    bench.bus.write(Uart::ie, 0);
  });
  // Enabled at 10 ns; filled at 100 ns; at 100 + 1000 ns two wait, at 100 + 2000 ns one; disabled at 5000 ns
  CHECK(bench.interrupt.changes == Changes{{ns(10), true}, {ns(100), false}, {ns(2100), true}, {ns(5000), false}});
}

TEST_CASE("UART: received characters arrive one by one, the interrupt is high above RXCNT") {
  UartBench bench;
  simulate([&] {
    bench.bus.write(Uart::div, 9);
    bench.bus.write(Uart::rxctrl, on | level(1));
    bench.bus.write(Uart::ie, Uart::rx_watermark);
    CHECK(bench.bus.read(Uart::rxdata) == Uart::fifo_empty);
    at(ns(500));
    bench.uart.receive("hi\xFF");
    at(ns(1499));
    CHECK(bench.bus.peek(Uart::rxdata) == Uart::fifo_empty);
    at(ns(1500));
    CHECK(bench.bus.peek(Uart::rxdata) == 'h');
    CHECK(bench.bus.peek(Uart::rxdata) == 'h');  // a debug read takes nothing
    at(ns(2500));
    CHECK(bench.bus.read(Uart::ip) == Uart::rx_watermark);
    at(ns(4000));
    CHECK(bench.bus.read(Uart::rxdata) == 'h');
    CHECK(bench.bus.read(Uart::rxdata) == 'i');
    at(ns(4010));
    CHECK(bench.bus.read(Uart::rxdata) == 0xFF);
    CHECK(bench.bus.read(Uart::rxdata) == Uart::fifo_empty);
    CHECK(bench.bus.read(Uart::status) == 0);
  });
  // 500 + 2 * 1000 ns: two characters; at 4000 ns one is left
  CHECK(bench.interrupt.changes == Changes{{ns(2500), true}, {ns(4000), false}});
}

TEST_CASE("UART: the ninth character that nobody takes is lost and shown, the next one fits again") {
  UartBench bench;
  simulate([&] {
    bench.bus.write(Uart::div, 9);
    bench.bus.write(Uart::rxctrl, on);
    bench.uart.receive("012345678A");
    at(ns(8999));
    CHECK(bench.bus.read(Uart::status) == 0);
    at(ns(9000));
    CHECK(bench.bus.read(Uart::status) == Uart::rx_overrun);
    CHECK(bench.bus.read(Uart::rxdata) == '0');
    at(ns(10000));
    std::string rest;
    for (int i = 0; i < 8; ++i) rest += static_cast<char>(bench.bus.read(Uart::rxdata));
    CHECK(rest == "1234567A");
    CHECK(bench.bus.read(Uart::rxdata) == Uart::fifo_empty);
  });
}

TEST_CASE("UART: the line waits until the receiver is enabled") {
  UartBench bench;
  bench.uart.receive("x");
  simulate([&] {
    bench.bus.write(Uart::div, 9);
    at(ns(7000));
    bench.bus.write(Uart::rxctrl, on);
    at(ns(7999));
    CHECK(bench.bus.peek(Uart::rxdata) == Uart::fifo_empty);
    at(ns(8000));
    CHECK(bench.bus.read(Uart::rxdata) == 'x');
  });
}

TEST_CASE("UART: registers keep the bits that exist, a wrong access is an error response") {
  UartBench bench;
  simulate([&] {
    for (const auto& [offset, kept] :
         {std::pair{Uart::div, 0xFFFFu}, {Uart::ie, 3u}, {Uart::txctrl, 0x70003u}, {Uart::rxctrl, 0x70001u}}) {
      bench.bus.write(offset, 0xFFFFFFFF);
      CHECK(bench.bus.read(offset) == kept);
    }
    CHECK(bench.bus.try_write(Uart::rxdata, 0) == tlm::TLM_COMMAND_ERROR_RESPONSE);
    CHECK(bench.bus.try_write(Uart::ip, 0) == tlm::TLM_COMMAND_ERROR_RESPONSE);
    CHECK(bench.bus.try_write(Uart::txdata, 'x', 1) == tlm::TLM_BURST_ERROR_RESPONSE);
    CHECK(bench.bus.try_read(0x20) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  });
  CHECK(bench.output.str().empty());
}

TEST_CASE("UART: an approximately-timed initiator reaches the registers too") {
  std::ostringstream output;
  test::AtInitiator initiator("initiator");
  ProtocolChecker checker("checker");
  Uart uart("uart", ns(10), output);
  LineLog interrupt("interrupt_log");
  initiator.socket.bind(checker.from_initiator);
  checker.to_target.bind(uart.socket);
  uart.interrupt.bind(interrupt.line);
  const auto& enable = initiator.add(1'000, true, Uart::txctrl, 4, 0x01);  // 0x01010101 keeps TXEN and TXCNT = 1
  const auto& send = initiator.add(2'000, true, Uart::txdata, 4, 'x');
  const auto& divisor = initiator.add(3'000, false, Uart::div, 4);
  const auto& nothing = initiator.add(4'000, false, 0x40, 4);
  sc_core::sc_start();
  CHECK(enable.status == tlm::TLM_OK_RESPONSE);
  CHECK(send.status == tlm::TLM_OK_RESPONSE);
  CHECK(divisor.data == std::vector<unsigned char>{0x63, 0x03, 0, 0});  // 867
  CHECK(nothing.status == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  CHECK(checker.under_way() == 0);
  CHECK(output.str() == "x");
  CHECK(sc_core::sc_time_stamp() == ns(2 + 10 * 868 * 10));
}

TEST_CASE("UART: a clock without a period is refused") {
  std::ostringstream output;
  CHECK_THROWS_AS(Uart("uart", sc_core::SC_ZERO_TIME, output), std::invalid_argument);
}

TEST_CASE("UART: reset empties the FIFOs, and the character on the line still arrives") {
  UartBench bench;
  simulate([&] {
    bench.bus.write(Uart::div, 9);
    bench.bus.write(Uart::txctrl, on | level(1));
    bench.bus.write(Uart::ie, 1);
    bench.send("ABC");
    at(ns(500));
    bench.uart.reset();
    CHECK(bench.bus.read(Uart::div) == 867);
    CHECK(bench.bus.read(Uart::txctrl) == 0);
    CHECK(bench.bus.read(Uart::ie) == 0);
    bench.at_time(1000, "A");
    bench.at_time(5000, "A");
    CHECK(bench.bus.read(Uart::status) == 0);
  });
}
