// All points by two metrics of choice, and the front as a table.

const NEAR = 14;  // pixels from the mouse to the point that it shows
const MANY_POINTS = 2000;  // that are drawn small
const NO_COLOR = -1;

/// Of points, in order of `x`: those that no other one is at least as good as in both metrics.
function frontOfTwo(points, x, y) {
  const cost = metric => point => (metric.most ? -1 : 1) * metric.values[point];
  const [costX, costY] = [cost(x), cost(y)];
  const kept = [];
  for (const point of [...points].sort((a, b) => costX(a) - costX(b) || costY(a) - costY(b))) {
    if (kept.length === 0 || costY(point) < costY(kept[kept.length - 1])) kept.push(point);
  }
  return x.most ? kept.reverse() : kept;
}

/// Ends and kind of the scale of a metric: of logarithms where all values are above 0.
function metricScale(values) {
  const [low, high] = values.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [Infinity, -Infinity]);
  if (low > 0) {
    const room = (high / low) ** 0.03 * 1.005;
    return {type: 'log', domain: [low / room, high * room]};
  }
  const room = 0.03 * (high - low) || 1;
  return {type: 'linear', domain: [low - room, high + room]};
}

class ParetoView {
  constructor(context) {
    this.context = context;
    const {metrics, objectives, sweep} = context;
    this.x = objectives[0];
    this.y = objectives[1] ?? metrics.find(metric => metric !== this.x) ?? this.x;
    const shares = sweep.sensitivity[0].effects.map(effect => effect.share);
    this.color = shares.indexOf(Math.max(...shares));
    this.place = element('div');
    this.draw();
  }

  element() {
    const {metrics, axes} = this.context;
    const names = metrics.map((metric, i) => [i, metric.title]);
    const choose = (name, choices, chosen, act) => choice(name, choices, chosen, value => { act(value); this.draw(); });
    return [
      element('div', {class: 'choices'},
        choose('across', names, metrics.indexOf(this.x), i => { this.x = metrics[i]; }),
        choose('up', names, metrics.indexOf(this.y), i => { this.y = metrics[i]; }),
        choose('colour', [...axes.map(({name}, i) => [i, words(name)]), [NO_COLOR, 'none']], this.color, i => { this.color = i; })),
      this.place];
  }

  draw() {
    const {context, x, y} = this;
    this.place.replaceChildren(plot('pareto', `${grouped(context.count)} points: ${x.title} and ${y.title}`, this.spec(), (view, event) => this.hover(view, event)), this.note());
    fitPlots();
  }

  /// Whether it is known what is better in both metrics.
  directed() {
    return this.x !== this.y && [this.x, this.y].every(metric => this.context.objectives.includes(metric));
  }

  note() {
    const {context, x, y} = this;
    const names = context.objectives.map(objective => `${objective.best} ${objective.title}`).join(', ');
    return note(`Large: on the Pareto front of ${names}. `,
      this.directed() ? `The line joins those that no other point is better than in ${x.title} and ${y.title}${context.objectives.length > 2 ? ' alone' : ''}. ` : '',
      context.left_out > 0 ? `${grouped(context.left_out)} points that are not on the front are left out here, by chance.` : '');
  }

  spec() {
    const {context, x, y, color} = this;
    const levels = color === NO_COLOR ? [] : context.axes[color].levels;
    const level = point => (color === NO_COLOR ? 0 : context.level(color, point));
    const row = point => ({x: x.values[point], y: y.values[point], level: level(point)});
    const all = Array.from({length: context.count}, (_, point) => point);
    // Thousands of points are one line for each colour, with a gap behind each of them: one element of the page each.
    const dots = all.filter(point => !context.isFront.has(point)).flatMap(point => [{...row(point), dot: true}, {...row(point), dot: false}]);
    const front = context.front.map(row);
    const joined = this.directed() ? frontOfTwo(context.front, x, y).map(row) : [];
    const scale = (name, range, metric) => ({name, range, nice: false, zero: false, ...metricScale(metric.values)});
    const axis = (name, orient, metric) => ({scale: name, orient, grid: true, tickCount: 7, labelOverlap: true, title: metric.title, encode: {labels: {update: {text: {signal: `${metric.text.name}(datum.value)`}}}}});
    const place = {x: {scale: 'x', field: 'x'}, y: {scale: 'y', field: 'y'}};
    return {
      height: 430,
      data: [{name: 'dots', values: dots}, {name: 'front', values: front}, {name: 'joined', values: joined}],
      scales: [scale('x', 'width', x), scale('y', 'height', y),
        {name: 'level', type: 'ordinal', domain: levels.length > 0 ? levels.map((_, i) => i) : [0], range: levels.length > 0 ? levels.map((_, i) => context.color(color, i)) : [RUN_COLORS[0]]},
        {name: 'color', type: 'ordinal', domain: levels, range: levels.map((_, i) => context.color(color, i))}],
      axes: [axis('x', 'bottom', x), axis('y', 'left', y)],
      legends: levels.length > 0 ? [legend(levels)] : [],
      marks: [
        {type: 'group', from: {facet: {name: 'of_level', data: 'dots', groupby: 'level'}}, marks: [
          {type: 'line', from: {data: 'of_level'}, interactive: false, encode: {update: {
            ...place, defined: {field: 'dot'}, stroke: {scale: 'level', field: 'level'}, strokeWidth: {value: context.count > MANY_POINTS ? 4.5 : 7}, strokeCap: {value: 'round'}, strokeOpacity: {value: 0.45}}}}]},
        {type: 'line', name: 'front-line', from: {data: 'joined'}, interactive: false, encode: {update: {
          ...place, interpolate: {value: x.most ? 'step-before' : 'step-after'}, stroke: {value: '#222'}, strokeWidth: {value: 1.3}}}},
        {type: 'symbol', name: 'front-points', from: {data: 'front'}, interactive: false, encode: {update: {
          ...place, size: {value: 80}, fill: {scale: 'level', field: 'level'}, stroke: {value: '#222'}, strokeWidth: {value: 1.3}}}},
      ],
    };
  }

  /// The nearest point; of two that are nearly as near the one on the front.
  hover(view, event) {
    const {context} = this;
    const mouse = mouseIn(view, event);
    if (!mouse.inside) return null;
    const [scaleX, scaleY] = [view.scale('x'), view.scale('y')];
    let found = null, least = NEAR;
    for (let point = 0; point < context.count; ++point) {
      const distance = Math.hypot(scaleX(this.x.values[point]) - mouse.x, scaleY(this.y.values[point]) - mouse.y) - (context.isFront.has(point) ? 3 : 0);
      if (distance < least) [found, least] = [point, distance];
    }
    if (found === null) return null;
    const shown = [...new Set([...context.objectives, this.x, this.y])];
    return [context.title(found) + (context.isFront.has(found) ? ', on the front' : ''), designRows(context, found, shown)];
  }
}

function paretoFront(context) {
  if (context.count === 0) return null;
  return [new ParetoView(context).element(), element('h3', {}, 'The points on the front'),
    table(designColumns(context, context.objectives), [...context.front].sort((a, b) => context.objectives[0].values[a] - context.objectives[0].values[b]), {id: 'front', most: 30})];
}
