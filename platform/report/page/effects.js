// How much of each objective follows from each axis alone: shares of its variance, and means by value.

const LEVEL_GAP = 1, MOST_LABELS = 60;  // levels: between axes, and that have their names below without a look at their room

/// Means of an objective by level of every axis, side by side.
function effectsPlot({axes}, objective, {logarithm, effects}) {
  const rows = [], heads = [];
  let at = 0;
  effects.forEach((effect, axis) => {
    const begin = at;
    effect.levels.forEach((level, i) => {
      rows.push({at: at++, axis, label: axes[axis].levels[i], mean: level.mean, tip: {title: `${words(axes[axis].name)} ${axes[axis].levels[i]}`, rows: [
        [`mean ${objective.title}`, objective.text(level.mean)], ['points', grouped(level.points)]]}});
    });
    heads.push({at: (begin + at - 1) / 2, levels: at - begin + LEVEL_GAP, text: [words(axes[axis].name), percentText(effect.share)]});
    at += LEVEL_GAP;
  });
  const labels = Object.fromEntries(rows.map(row => [row.at, row.label]));
  const {points: counts, sum} = effects[0].levels.reduce((total, {points, mean}) => ({points: total.points + points, sum: total.sum + points * (logarithm ? Math.log(mean) : mean)}), {points: 0, sum: 0});
  const mean = logarithm ? Math.exp(sum / counts) : sum / counts;
  return {
    height: 150,
    data: [{name: 'rows', values: rows}, {name: 'heads', values: heads}],
    signals: [{name: 'labels', value: labels}],
    scales: [
      {name: 'x', type: 'linear', range: 'width', domain: [-0.7, at - LEVEL_GAP - 0.3], zero: false, nice: false},
      {name: 'y', range: 'height', nice: false, zero: false, ...metricScale(rows.map(row => row.mean))}],
    axes: [
      {scale: 'x', orient: 'bottom', values: rows.map(row => row.at), ticks: false, domain: false, labelAngle: -38, labelAlign: 'right', labelBaseline: 'top', labelLimit: 90, labelPadding: 4, labelOverlap: at > MOST_LABELS, encode: {labels: {update: {text: {signal: 'labels[datum.value]'}}}}},
      {scale: 'y', orient: 'left', grid: true, domain: false, ticks: false, tickCount: 5, labelOverlap: true, encode: {labels: {update: {text: {signal: `${objective.text.name}(datum.value)`}}}}}],
    marks: [
      {type: 'rule', encode: {update: {x: {value: 0}, x2: {signal: 'width'}, y: {scale: 'y', value: mean}, stroke: {value: '#8a929b'}, strokeDash: {value: [5, 4]}}}},
      {type: 'text', from: {data: 'heads'}, encode: {update: {x: {scale: 'x', field: 'at'}, y: {value: -24}, align: {value: 'center'}, text: {field: 'text'}, limit: {signal: `datum.levels / ${at} * width - 4`}}}},
      {type: 'group', from: {facet: {name: 'of_axis', data: 'rows', groupby: 'axis'}}, marks: [
        {type: 'line', from: {data: 'of_axis'}, interactive: false, encode: {update: {x: {scale: 'x', field: 'at'}, y: {scale: 'y', field: 'mean'}, stroke: {value: RUN_COLORS[0]}, strokeWidth: {value: 1.5}}}}]},
      {type: 'symbol', from: {data: 'rows'}, encode: {update: {x: {scale: 'x', field: 'at'}, y: {scale: 'y', field: 'mean'}, size: {value: 46}, fill: {value: RUN_COLORS[0]}, tooltip: {field: 'tip'}}}},
    ],
  };
}

function sensitivity(context) {
  const {axes, objectives, sweep, count} = context;
  if (count < 2) return null;
  const share = (objective, axis) => sweep.sensitivity[objective].effects[axis].share;
  const rest = objectives.map((_, i) => percentText(axes.reduce((left, __, axis) => left - share(i, axis), 1)));
  const linear = objectives.filter((_, i) => !sweep.sensitivity[i].logarithm).map(objective => objective.title);
  return [
    table([
      {title: 'axis', left: true, key: axis => words(axes[axis].name)},
      ...objectives.map((objective, i) => ({title: objective.title, key: axis => share(i, axis),
        text: axis => element('span', {'data-share': share(i, axis)}, shareCell(share(i, axis)))})),
    ], axes.map((_, axis) => axis), {id: 'shares', footer: ['what is left', ...rest]}),
    note('The part of the variance of each objective’s logarithm that is between the values of one axis: what that axis explains by itself. What is left follows from several axes together',
      linear.length > 0 ? `; of ${linear.join(' and ')}, which is not always above 0, the variance of the values themselves` : '',
      '. Where points were left out (invalid, failed, or a small sample) axes are not independent of each other, and shares may overlap.'),
    objectives.map((objective, i) => plot(`effects-${objective.name}`, `${sweep.sensitivity[i].logarithm ? 'Geometric mean' : 'Mean'} of ${objective.title} by value of each axis`, effectsPlot(context, objective, sweep.sensitivity[i]))),
    note('Dashed: the mean of all points. Under the name of an axis: its share.'),
  ];
}
