// The page of a sweep (sweep_data.h): its data as the sections want it, key figures, and the list of its sections.

const LEVEL_COLORS = [[52, 62, 150], [36, 120, 183], [31, 158, 137], [127, 178, 61], [224, 150, 35], [196, 62, 52]];

/// From dark blue to red, by its place among `count`.
function rampColor(index, count) {
  const at = count > 1 ? index / (count - 1) * (LEVEL_COLORS.length - 1) : 0;
  const low = Math.min(LEVEL_COLORS.length - 2, Math.floor(at));
  return `rgb(${LEVEL_COLORS[low].map((part, i) => Math.round(part + (at - low) * (LEVEL_COLORS[low + 1][i] - part))).join(',')})`;
}

/// `points` are places in the lists of points; `level(axis, point)`, `value(axis, point)`: of an axis by its number.
function sweepOf(sweep) {
  const {axes, points} = sweep;
  const metrics = sweep.metrics.map(metric => ({...metric, title: metricName(metric), text: metricText(metric), values: points.metrics[metric.name]}));
  const objectives = sweep.objectives.map(({metric, best}) => {
    const found = metrics.find(each => each.name === metric);
    return Object.assign(found, {most: best === 'most', best});
  });
  return {
    sweep, axes, metrics, objectives,
    count: points.number.length,
    front: points.front,
    isFront: new Set(points.front),
    value: (axis, point) => axes[axis].values[points.axes[axis][point]],
    level: (axis, point) => axes[axis].level_of[points.axes[axis][point]],
    color: (axis, level) => (axes[axis].numbers ? rampColor(level, axes[axis].levels.length) : comparisonColor(level)),
    title: point => `point ${grouped(points.number[point])}`,
    left_out: sweep.ok - points.number.length,
  };
}

/// Name and value of each axis of a point, then of `metrics`: for the box that follows the mouse.
const designRows = (context, point, metrics) => [
  ...context.axes.map(({name}, axis) => [words(name), context.value(axis, point)]),
  ...metrics.map(metric => [metric.title, metric.text(metric.values[point])])];

/// Columns of a table of points: their axes and `metrics`.
const designColumns = (context, metrics) => [
  {title: 'point', key: point => context.sweep.points.number[point]},
  ...context.axes.map(({name, numbers}, axis) => ({title: words(name), left: !numbers, key: point => (numbers ? Number(context.value(axis, point)) : context.value(axis, point)), text: point => context.value(axis, point)})),
  ...metrics.map(metric => ({title: metric.title, hint: metric.description, key: point => metric.values[point],
    text: point => element('span', {'data-metric': metric.name, 'data-value': metric.values[point]}, metric.text(metric.values[point]))}))];

function sweepFigures(context) {
  const {sweep, objectives, front} = context;
  const done = sweep.ok + sweep.invalid + sweep.failed;
  const card = (name, value, hint, text = grouped(value)) => element('div', {class: 'card', title: hint, 'data-figure': name, 'data-value': value},
    element('span', {}, name), element('b', {}, text));
  const best = objectives.map(objective => ({objective, point: [...front].sort((a, b) =>
    (objective.values[a] - objective.values[b]) * (objective.most ? -1 : 1))[0]}));
  const columns = designColumns(context, objectives).map(column => ({...column, key: row => column.key(row.point), text: row => column.text?.(row.point) ?? column.key(row.point)}));
  return [
    element('div', {class: 'cards'},
      card('points', done, 'that have been evaluated'),
      card('ok', sweep.ok, 'have figures'),
      card('invalid', sweep.invalid, 'break a constraint'),
      card('failed', sweep.failed, 'could not be evaluated'),
      card('Pareto front', front.length, 'no other point is at least as good in all objectives and better in one'),
      ...best.filter(({point}) => point !== undefined).map(({objective, point}) => card(`${objective.best} ${objective.title}`, objective.values[point], objective.description, objective.text(objective.values[point])))),
    done < sweep.planned ? note(`The sweep is not at its end: it will have ${grouped(sweep.planned)} points.`) : null,
    front.length > 0 ? [element('h3', {}, 'The best of each objective'), table([
      {title: '', left: true, key: row => row.objective.title, text: row => `${row.objective.best} ${row.objective.title}`}, ...columns], best, {id: 'best'})] : null,
    sweep.reasons.length > 0 ? [element('h3', {}, 'Commonest reasons of points without figures'), table([
      {title: 'points', key: row => row.points, text: row => grouped(row.points)},
      {title: 'status', left: true, key: row => row.status},
      {title: 'reason', left: true, prose: true, key: row => row.reason},
    ], sweep.reasons, {id: 'reasons'}), note('Reasons that differ in numbers only are one: … stands for those.')] : null,
  ];
}

const sweepConfiguration = ({sweep}) => element('details', {}, element('summary', {}, 'the effective scenario'), element('pre', {}, sweep.configuration));

const SWEEP_SECTIONS = [
  {id: 'figures', title: 'Key figures', content: sweepFigures},
  {id: 'pareto', title: 'Pareto front', content: paretoFront},
  {id: 'sensitivity', title: 'Sensitivity', content: sensitivity},
  {id: 'parallel', title: 'Parallel coordinates', content: parallelCoordinates},
  {id: 'configuration', title: 'Configuration', content: sweepConfiguration},
];

/// As runsPage().
function sweepPage(sweep) {
  return {names: [sweep.name], context: sweepOf(sweep), sections: SWEEP_SECTIONS, heading: [
    element('h1', {}, sweep.name),
    element('p', {class: 'traits'}, `sweep of ${sweep.axes.map(axis => words(axis.name)).join(', ')}`)]};
}
