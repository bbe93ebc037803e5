#include "rtl_models/verilated/rtl_library.h"

#include "flow/base/error.h"

#include <cerrno>
#include <cstring>
#include <dlfcn.h>
#include <fmt/format.h>
#include <new>

namespace flexcim {
namespace {

const flexcim_rtl* load(const std::string& path) {
  // With a slash, so that no folder of the system is searched.
  const std::string file = path.find('/') == std::string::npos ? "./" + path : path;
  void* const library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw InputError(fmt::format("{}: cannot be loaded: {}", path, ::dlerror()));
  using Entry = const flexcim_rtl* (*)();
  const auto entry = reinterpret_cast<Entry>(::dlsym(library, FLEXCIM_RTL_SYMBOL));
  if (entry == nullptr) {
    throw InputError(fmt::format("{}: is no Verilated macro: it has no function " FLEXCIM_RTL_SYMBOL, path));
  }
  const flexcim_rtl* const table = entry();
  if (table->version != FLEXCIM_RTL_VERSION) {
    throw InputError(fmt::format("{}: has version {} of the interface to RTL, this flexcim has {}: make it anew", path,
                                 table->version, FLEXCIM_RTL_VERSION));
  }
  return table;
}

const char* direction(bool input) { return input ? "an input" : "an output"; }

}  // namespace

RtlLibrary::RtlLibrary(const std::string& path, const MacroInterface& interface)
    : path_(path), interface_(interface), table_(load(path)) {
  const std::string text = problems();
  if (!text.empty()) throw InputError(text);
}

std::string RtlLibrary::problems() const {
  std::string text;
  const auto add = [&](const std::string& problem) {
    text += fmt::format("{}{}: {}: {}", text.empty() ? "" : "\n", path_, table_->top, problem);
  };
  for (const MacroParameter& wanted : macro_parameters(interface_)) {
    for (std::uint32_t i = 0; i < table_->parameters; ++i) {
      const flexcim_rtl_parameter& has = table_->parameter[i];
      if (wanted.name != has.name || wanted.value == has.value) continue;
      add(fmt::format("the parameter {} is {}, the architecture has {}", wanted.name, has.value, wanted.value));
    }
  }
  const std::vector<MacroPin> pins = macro_pins(interface_);
  for (const MacroPin& wanted : pins) {
    const int number = find(wanted.name);
    if (number < 0) {
      add(fmt::format("the pin {}, {} of {} bits, is missing", wanted.name, direction(wanted.input), wanted.bits));
      continue;
    }
    const flexcim_rtl_pin& has = table_->pin[number];
    if ((has.input != 0) != wanted.input) {
      add(fmt::format("the pin {} is {}, not {}", wanted.name, direction(has.input != 0), direction(wanted.input)));
    } else if (has.bits != static_cast<std::uint32_t>(wanted.bits)) {
      add(fmt::format("the pin {} has {} bits, the architecture wants {} ({})", wanted.name, has.bits, wanted.bits,
                      wanted.width));
    }
  }
  for (std::uint32_t i = 0; i < table_->pins; ++i) {
    const flexcim_rtl_pin& has = table_->pin[i];
    if (has.input == 0 || std::strcmp(has.name, "swap") == 0) continue;
    bool driven = false;
    for (const MacroPin& wanted : pins) driven = driven || wanted.name == has.name;
    if (!driven) add(fmt::format("nobody drives the input {}", has.name));
  }
  return text;
}

int RtlLibrary::find(const std::string& name) const {
  for (std::uint32_t i = 0; i < table_->pins; ++i) {
    if (name == table_->pin[i].name) return static_cast<int>(i);
  }
  return -1;
}

void PinBits::put(int offset, int width, std::uint32_t value) {
  for (int bit = 0; bit < width; ++bit) {
    const int at = offset + bit;
    const auto mask = static_cast<std::uint8_t>(1u << (at % 8));
    const bool one = ((value >> bit) & 1) != 0;
    bytes[at / 8] = static_cast<std::uint8_t>(one ? bytes[at / 8] | mask : bytes[at / 8] & ~mask);
  }
}

std::uint32_t PinBits::get(int offset, int width) const {
  const int first = offset / 8;
  const int last = (offset + width - 1) / 8;
  std::uint64_t around = 0;
  for (int i = first; i <= last; ++i) around |= static_cast<std::uint64_t>(bytes[i]) << (8 * (i - first));
  return static_cast<std::uint32_t>((around >> (offset % 8)) & ((std::uint64_t{1} << width) - 1));
}

std::int32_t PinBits::get_signed(int offset, int width) const {
  const std::int64_t value = get(offset, width);
  const std::int64_t sign = std::int64_t{1} << (width - 1);
  return static_cast<std::int32_t>((value ^ sign) - sign);
}

RtlInstance::RtlInstance(const RtlLibrary& library, std::uint32_t seed)
    : library_(library), table_(*library.table_), macro_(table_.create(seed)) {
  if (macro_ == nullptr) throw std::bad_alloc();
}

RtlInstance::~RtlInstance() { table_.destroy(macro_); }

PinBits RtlInstance::pin(const std::string& name) const {
  const int number = library_.find(name);
  if (number < 0) return {};
  const auto index = static_cast<std::uint32_t>(number);
  return {table_.bits(macro_, index), static_cast<int>(table_.pin[index].bits)};
}

void RtlInstance::open_dump(const std::string& path, int levels) {
  errno = EIO;
  if (table_.open_dump(macro_, path.c_str(), levels) == 0) throw_system_error(errno, path + ": cannot be written");
}

}  // namespace flexcim
