#include "tlm/peripherals/uart.h"

#include "tlm/fabric/picoseconds.h"

namespace flexcim {

namespace {

constexpr std::uint32_t enabled = 1;    // of txctrl, rxctrl
constexpr std::uint32_t two_stops = 2;  // of txctrl

std::size_t watermark(std::uint32_t control) { return control >> 16; }  // the highest field of both

}  // namespace

Uart::Uart(const sc_core::sc_module_name& name, const sc_core::sc_time& clock, std::ostream& output)
    : sc_module(name), registers_(register_map(reset_div(to_picoseconds(clock)))), clock_(clock), output_(output) {
  socket.register_b_transport(&registers_, &RegisterFile::b_transport);
  socket.register_transport_dbg(&registers_, &RegisterFile::transport_dbg);
  configure();

  SC_HAS_PROCESS(Uart);
  SC_METHOD(end_sending);
  sensitive << sent_event_;
  dont_initialize();
  SC_METHOD(end_receiving);
  sensitive << received_event_;
  dont_initialize();
  SC_METHOD(drive_interrupt);
  sensitive << changed_;
}

void Uart::configure() {
  registers_.on_read(txdata, [this] { return tx_.size() == fifo_depth ? fifo_full : 0; });
  registers_.on_write(txdata, [this](std::uint32_t value) { write_txdata(value); });
  registers_.on_read(
      rxdata, [this] { return rx_.empty() ? fifo_empty : std::uint32_t{static_cast<unsigned char>(rx_.front())}; });
  registers_.after_read(rxdata, [this] {
    if (!rx_.empty()) rx_.pop_front();
    changed();
  });
  registers_.on_write(txctrl, [this](std::uint32_t) {
    start_sending();
    changed();
  });
  registers_.on_write(rxctrl, [this](std::uint32_t) {
    start_receiving();
    changed();
  });
  registers_.on_write(ie, [this](std::uint32_t) { changed(); });
  registers_.on_read(ip, [this] { return interrupts_pending(); });
  registers_.on_read(status, [this] { return registers_.get(status) | (sending_ || !tx_.empty() ? tx_busy : 0); });
}

sc_core::sc_time Uart::character_time() const {
  const int stops = (registers_.get(txctrl) & two_stops) != 0 ? 2 : 1;
  const int bits = 1 + 8 + stops;  // start, data, stop
  return clock_ * (bits * (registers_.get(div) + 1.0));
}

void Uart::write_txdata(std::uint32_t value) {
  if (tx_.size() == fifo_depth) {
    registers_.set_bits(status, tx_overrun);
    return;
  }
  tx_.push_back(static_cast<char>(value));
  start_sending();
  changed();
}

void Uart::start_sending() {
  if (sending_ || tx_.empty() || (registers_.get(txctrl) & enabled) == 0) return;
  sent_ = tx_.front();
  tx_.pop_front();
  sending_ = true;
  sent_event_.notify(character_time());
}

void Uart::end_sending() {
  output_.put(sent_);
  if (on_sent_) on_sent_(sent_);
  if (sent_ == '\n') output_.flush();
  sending_ = false;
  start_sending();
  changed();
}

void Uart::receive(const std::string& characters) {
  line_.insert(line_.end(), characters.begin(), characters.end());
  start_receiving();
}

void Uart::reset() {
  registers_.reset();
  tx_.clear();
  rx_.clear();
  changed();
}

void Uart::start_receiving() {
  if (receiving_ || line_.empty() || (registers_.get(rxctrl) & enabled) == 0) return;
  receiving_ = true;
  received_event_.notify(character_time());
}

void Uart::end_receiving() {
  if (rx_.size() == fifo_depth) {
    registers_.set_bits(status, rx_overrun);
  } else {
    rx_.push_back(line_.front());
  }
  line_.pop_front();
  receiving_ = false;
  start_receiving();
  changed();
}

std::uint32_t Uart::interrupts_pending() const {
  const bool tx = tx_.size() < watermark(registers_.get(txctrl));
  const bool rx = rx_.size() > watermark(registers_.get(rxctrl));
  return (tx ? tx_watermark : 0) | (rx ? rx_watermark : 0);
}

void Uart::drive_interrupt() { interrupt.write((interrupts_pending() & registers_.get(ie)) != 0); }

}  // namespace flexcim
