// Horizontal bars made of parts.

const BAR = 17, GAP = 9;

/// `bars`: {group, run (a letter, or ''), parts: [{name, value}]}, those of a group next to each other; `parts`: names in
/// order with `color`; `text`: of a value; `axis`: name of that function for the axis. Returns a specification for plot().
function stackedBars({bars, parts, text, axis}) {
  const totals = bars.map(bar => ({group: bar.group, run: bar.run, total: bar.parts.reduce((sum, part) => sum + part.value, 0)}));
  const used = parts.filter(part => bars.some(bar => bar.parts.some(each => each.name === part.name && each.value > 0)));
  const order = Object.fromEntries(used.map((part, index) => [part.name, index]));
  const rows = bars.flatMap((bar, i) => bar.parts.filter(part => part.value > 0).map(part => ({
    group: bar.group, run: bar.run, part: words(part.name), order: order[part.name], value: part.value,
    tip: {title: bar.run ? `${bar.run} · ${bar.group}` : bar.group,
      rows: [[words(part.name), text(part.value), used[order[part.name]].color], ['share', percentText(part.value / totals[i].total)], ['total', text(totals[i].total)]]},
  })));
  // A group is as high as the bars that it has.
  const runs = new Set(bars.map(bar => bar.run)).size;
  const groups = [...new Set(bars.map(bar => bar.group))];
  const centers = [];
  const places = new Map();  // of bars, from the top
  let y = GAP / 2;
  for (const group of groups) {
    const begin = y;
    for (const bar of bars.filter(each => each.group === group)) {
      places.set(`${group}\n${bar.run}`, y);
      y += BAR;
    }
    centers.push((begin + y) / 2);
    y += GAP;
  }
  for (const each of [...rows, ...totals]) each.y = places.get(`${each.group}\n${each.run}`);
  return {
    height: y - GAP / 2,
    data: [
      {name: 'rows', values: rows, transform: [{type: 'stack', groupby: ['y'], field: 'value', sort: {field: 'order'}}]},
      {name: 'totals', values: totals.map(each => ({...each, label: (each.run && runs > 1 ? `${each.run}  ` : '') + text(each.total)}))},
    ],
    signals: [{name: 'room', update: 'width > 0 ? width / (width - 90) : 1'}],
    scales: [
      {name: 'y', type: 'ordinal', range: centers, domain: groups},
      {name: 'x', type: 'linear', range: 'width', nice: false, domain: [0, {signal: `${Math.max(...totals.map(each => each.total), 1e-12)} * room`}]},
      {name: 'color', type: 'ordinal', domain: used.map(part => words(part.name)), range: used.map(part => part.color)},
    ],
    axes: [
      {scale: 'x', orient: 'bottom', grid: true, domain: false, ticks: false, tickCount: 6, labelOverlap: true, encode: {labels: {update: {text: {signal: `${axis}(datum.value)`}}}}},
      {scale: 'y', orient: 'left', ticks: false, domain: false, labelPadding: 6},
    ],
    legends: used.length > 0 ? [legend(used.map(part => part.name))] : [],
    marks: [
      {type: 'rect', from: {data: 'rows'}, encode: {
        update: {
          y: {field: 'y'}, height: {value: BAR - 2}, x: {scale: 'x', field: 'y0'}, x2: {scale: 'x', field: 'y1'},
          fill: {scale: 'color', field: 'part'}, fillOpacity: {value: 1}, tooltip: {field: 'tip'}},
        hover: {fillOpacity: {value: 0.75}}}},
      {type: 'text', from: {data: 'totals'}, encode: {update: {
        y: {field: 'y', offset: BAR / 2 - 1}, x: {scale: 'x', field: 'total', offset: 6}, baseline: {value: 'middle'}, text: {field: 'label'}}}},
    ],
  };
}
