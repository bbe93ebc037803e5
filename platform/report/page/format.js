// Numbers as people read them.

/// Three significant digits.
function digits(value, count = 3) {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 10 ** count || size < 1e-3) {
    const text = Number(value.toPrecision(count));
    return size >= 1e15 || size < 1e-3 ? text.toExponential() : grouped(text);
  }
  return value.toPrecision(count);
}

/// 1234567 as 1,234,567.
function grouped(number) {
  return Number(number).toLocaleString('en-US', {maximumFractionDigits: 20});
}

/// A value in `base` units, as one of `units` that follow each other by factors of 1000.
function scaled(units) {
  return (value, count = 3) => {
    if (value === 0) return '0 ' + units[0];
    let index = Math.floor(Math.log10(Math.abs(Number(value.toPrecision(count)))) / 3);
    index = Math.max(0, Math.min(units.length - 1, index));
    return `${digits(value / 1000 ** index, count)} ${units[index]}`;
  };
}

const fromFemto = scaled(['fJ', 'pJ', 'nJ', 'µJ', 'mJ', 'J', 'kJ']);
const fromMicro = scaled(['µW', 'mW', 'W', 'kW']);
const fromPico = scaled(['ps', 'ns', 'µs', 'ms', 's']);
const rate = scaled(['', 'k', 'M', 'G', 'T', 'P']);

const energyText = picojoules => fromFemto(picojoules * 1000);
const powerText = milliwatts => fromMicro(milliwatts * 1000);
const timeText = nanoseconds => fromPico(nanoseconds * 1000);
const picosecondsText = (picoseconds, count) => fromPico(picoseconds, count);
const areaText = mm2 => `${digits(mm2)} mm²`;
const percentText = part => `${(100 * part).toFixed(1)} %`;
const bytesText = value => `${rate(value)}B`;
const bytesPerSecondText = value => `${rate(value)}B/s`;
const macsPerSecondText = value => `${rate(value)}MAC/s`;
/// Of what a run is compared with: ×0.87.
const ratioText = ratio => (Number.isFinite(ratio) ? `×${digits(ratio)}` : '');
/// adder_trees as adder trees.
const words = name => name.replaceAll('_', ' ');
const capital = text => text[0].toUpperCase() + text.slice(1);

const METRIC_TEXTS = {ns: timeText, pJ: energyText, 'mm²': areaText, bytes: bytesText};
/// What writes the values of a metric of a design point ({name, unit}); plots know it by its name.
const metricText = metric => (metric.name === 'utilization' ? percentText : METRIC_TEXTS[metric.unit] ?? digits);
/// energy_pj as energy: a value has its unit with it.
const metricName = metric => words(metric.name.replace(/_(ns|pj|mm2)$/, ''));
