#include "platform/config/dram_device.h"

#include "platform/config/figure_type.h"
#include "platform/yaml/yaml_types.h"

namespace flexcim {
namespace {

Schema<DramParameters> timing_schema() {
  Schema<DramParameters> s;
  for (const DramField& field : dram_fields()) {
    s.key(field.name, field.value, whole(field.low, field.high, field.unit), field.meaning).required();
  }
  return s;
}

Schema<DramFigures> energy_schema() {
  using D = DramFigures;
  Schema<D> s;
  s.key("flat", &D::flat, figure_type("pJ/bit"), "everything in one figure").required();
  s.key("read", &D::read, figure_type("pJ/bit"), "split: column read with I/O");
  s.key("write", &D::write, figure_type("pJ/bit"), "split: column write with I/O");
  s.key("activate", &D::activate, figure_type("nJ"), "split: row opened and closed");
  s.key("refresh", &D::refresh, figure_type("nJ"), "split: all-bank refresh");
  s.key("standby", &D::standby, figure_type("mW"), "split: per channel, all the time");
  return s;
}

Schema<DramDevice> declare_dram_device() {
  Schema<DramDevice> s;
  s.elsewhere("base", "name | path | none", "lpddr4", "none",
              "device that the other keys change, by default the architecture's; `none`: everything is here",
              json_word());
  s.key("name", &DramDevice::name, text(), "shown in messages").required();
  s.key("description", &DramDevice::description, text(), "free text");
  s.key("timing", &DramDevice::timing, map_of(timing_schema()), "one channel; JEDEC's names without the t").required();
  s.key("energy", &DramDevice::energy, map_of(energy_schema()), "what it costs").required();
  return s;
}

}  // namespace

const Schema<DramDevice>& dram_device_schema() {
  static const Schema<DramDevice> schema = declare_dram_device();
  return schema;
}

void check_dram_device(YamlReader& reader, const std::string& path, const DramDevice& device) {
  const DramFigures& dram = device.energy;
  const int split =
      dram.read.given() + dram.write.given() + dram.activate.given() + dram.refresh.given() + dram.standby.given();
  if (split != 0 && split != 5) {
    reader.problem(join_path(path, "energy"), "a split needs all of read, write, activate, refresh, standby");
  }
  DramParameters timing = device.timing;
  timing.name = device.name;
  reader.guard(join_path(path, "timing"), [&] { timing.validate(); });
}

}  // namespace flexcim
