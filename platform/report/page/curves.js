// Power and activity over time, and the roofline.

const SMALL_SHARE = 0.005;  // of the energy: components below are drawn as one

/// Of one run's power (power_data.h); components as in page data.
function powerCurves(power, components) {
  const edges = power.edges_ns;
  const count = edges.length - 1;
  const energy = name => power.mw[name].reduce((sum, mw, i) => sum + mw * (edges[i + 1] - edges[i]), 0);
  const present = components.filter(component => power.mw[component.name]);
  const whole = present.reduce((sum, component) => sum + energy(component.name), 0);
  const large = present.filter(component => energy(component.name) >= SMALL_SHARE * whole);
  const small = present.filter(component => !large.includes(component));
  const series = large.map(component => ({name: words(component.name), color: component.color, values: power.mw[component.name]}));
  if (small.length > 0) {
    series.push({name: 'others', color: '#c7c7c7', values: Array.from({length: count}, (_, i) => small.reduce((sum, component) => sum + power.mw[component.name][i], 0))});
  }
  return {...stackedCurves({edges, series, text: powerText, axis: 'powerText', mean: whole / edges[count]}), mean: whole / edges[count]};
}

/// `series`: {name, color, values: of each step between `edges` (ns)}, on top of each other; `text`: of a value; `axis`:
/// name of that function for the axis; `mean`: a dashed line. Returns specification and hover() for plot().
function stackedCurves({edges, series, text, axis, mean, height = 220}) {
  const count = edges.length - 1;
  const rows = [];
  for (let i = 0; i <= count; ++i) {
    series.forEach((each, order) => rows.push({t: edges[i], name: each.name, order, value: each.values[Math.min(i, count - 1)]}));
  }
  const spec = {
    height,
    data: [{name: 'rows', values: rows, transform: [{type: 'stack', groupby: ['t'], field: 'value', sort: {field: 'order'}}]}],
    scales: [
      {name: 'x', type: 'linear', range: 'width', zero: false, nice: false, domain: [0, edges[count]]},
      {name: 'y', type: 'linear', range: 'height', zero: true, nice: true, domain: {data: 'rows', field: 'y1'}},
      {name: 'color', type: 'ordinal', domain: series.map(each => each.name), range: series.map(each => each.color)},
    ],
    axes: [
      {scale: 'x', orient: 'bottom', tickCount: 8, labelOverlap: true, encode: {labels: {update: {text: {signal: 'timeText(datum.value)'}}}}},
      {scale: 'y', orient: 'left', grid: true, domain: false, ticks: false, tickCount: height < 150 ? 3 : 5, encode: {labels: {update: {text: {signal: `${axis}(datum.value)`}}}}},
    ],
    legends: series.length > 1 ? [legend(series.map(each => each.name))] : [],
    marks: [
      {type: 'group', from: {facet: {name: 'one', data: 'rows', groupby: 'name'}}, marks: [
        {type: 'area', from: {data: 'one'}, encode: {update: {
          interpolate: {value: 'step-after'}, x: {scale: 'x', field: 't'}, y: {scale: 'y', field: 'y0'}, y2: {scale: 'y', field: 'y1'}, fill: {scale: 'color', field: 'name'}}}}]},
      ...(mean === undefined ? [] : [{type: 'rule', encode: {enter: {x: {value: 0}, x2: {signal: 'width'}, y: {scale: 'y', value: mean}, strokeDash: {value: [5, 4]}, stroke: {value: '#666'}}}}]),
    ],
  };
  const hover = (view, event) => {
    const {x, inside} = mouseIn(view, event);
    const t = view.scale('x').invert(x);
    if (!inside || !(t >= 0 && t < edges[count])) return null;
    let i = 0;
    for (let high = count; high - i > 1;) {
      const middle = (i + high) >> 1;
      if (edges[middle] <= t) i = middle;
      else high = middle;
    }
    const shown = series.filter(each => each.values[i] > 0).map(each => [each.name, text(each.values[i]), each.color]).reverse();
    const total = series.reduce((sum, each) => sum + each.values[i], 0);
    return [`${timeText(edges[i])} to ${timeText(edges[i + 1])}`, series.length > 1 ? [...shown, ['total', text(total)]] : [[series[0].name, text(total), series[0].color]]];
  };
  return {spec, hover};
}

/// `points`: {run, color, intensity (MAC/byte), macs_per_s, size, tip}; `roofs`: {macs_per_s, dram_bytes_per_s}.
function roofline({points, roofs}, height = 330) {
  const different = roofs.filter((roof, i) => roofs.findIndex(each => each.macs_per_s === roof.macs_per_s && each.dram_bytes_per_s === roof.dram_bytes_per_s) === i);
  const xs = [...points.map(point => point.intensity), ...different.map(roof => roof.macs_per_s / roof.dram_bytes_per_s)];
  const low = Math.min(...xs) / 3, high = Math.max(...xs) * 3;
  const top = Math.max(...different.map(roof => roof.macs_per_s), ...points.map(point => point.macs_per_s)) * 2.5;
  const bottom = Math.min(...points.map(point => point.macs_per_s), ...different.map(roof => roof.dram_bytes_per_s * low)) / 1.5;
  const height_of = (roof, x) => Math.min(roof.macs_per_s, x * roof.dram_bytes_per_s);
  const lines = different.flatMap((roof, i) => [low, roof.macs_per_s / roof.dram_bytes_per_s, high].map(x => ({roof: i, x, y: height_of(roof, x)})));
  const labels = different.flatMap(roof => [
    {x: high, y: roof.macs_per_s, align: 'right', text: `all cells: ${macsPerSecondText(roof.macs_per_s)}`},
    {x: low, y: height_of(roof, low), align: 'left', text: `DRAM: ${bytesPerSecondText(roof.dram_bytes_per_s)}`}]);
  const runs = [...new Map(points.map(point => [point.run, point.color]))];
  return {
    height,
    data: [{name: 'lines', values: lines}, {name: 'points', values: points}, {name: 'labels', values: labels}],
    scales: [
      {name: 'x', type: 'log', range: 'width', domain: [low, high], nice: false},
      {name: 'y', type: 'log', range: 'height', domain: [bottom, top], nice: false},
      {name: 'color', type: 'ordinal', domain: runs.map(([run]) => run), range: runs.map(([, color]) => color)},
    ],
    axes: [
      {scale: 'x', orient: 'bottom', grid: true, tickCount: 8, title: 'multiplications per byte of DRAM traffic', labelOverlap: true, encode: {labels: {update: {text: {signal: 'digits(datum.value)'}}}}},
      {scale: 'y', orient: 'left', grid: true, tickCount: 5, labelOverlap: true, encode: {labels: {update: {text: {signal: 'macsPerSecondText(datum.value)'}}}}},
    ],
    legends: runs.length > 1 ? [legend(runs.map(([run]) => run))] : [],
    marks: [
      {type: 'group', from: {facet: {name: 'line', data: 'lines', groupby: 'roof'}}, marks: [
        {type: 'line', from: {data: 'line'}, encode: {update: {x: {scale: 'x', field: 'x'}, y: {scale: 'y', field: 'y'}, stroke: {value: '#7b838c'}, strokeWidth: {value: 2}}}}]},
      {type: 'text', from: {data: 'labels'}, encode: {update: {
        x: {scale: 'x', field: 'x', offset: {signal: "datum.align === 'left' ? 8 : -6"}}, y: {scale: 'y', field: 'y', offset: {signal: "datum.align === 'left' ? -40 : -7"}}, align: {field: 'align'}, text: {field: 'text'}}}},
      {type: 'symbol', from: {data: 'points'}, encode: {
        update: {x: {scale: 'x', field: 'intensity'}, y: {scale: 'y', field: 'macs_per_s'}, size: {field: 'size'}, fill: {field: 'color'}, fillOpacity: {value: 0.6}, stroke: {field: 'color'}, tooltip: {field: 'tip'}},
        hover: {fillOpacity: {value: 1}}}},
    ],
  };
}
