// What a scenario gives at every point of its axes: a table and two plots of what is chosen.

const COMPARISON_FIGURES = ['time_ratio', 'energy_ratio', 'time_ns', 'energy_pj', 'area_mm2', 'utilization', 'dram_bytes',
  'tokens_per_s', 'first_token_ns', 'per_token_ns', 'energy_per_token_pj'];
const COMPARISON_COLORS = [...RUN_COLORS, '#8fbdea', '#f2b98c', '#93d4a6', '#d3a8e2', '#eba09d', '#b3bbc4', '#8ad6dd', '#cfb96f'];
const ALL = -1, NO_AXIS = -1;

/// 0 where a value is 0.
const geometricMean = values => Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
const comparisonColor = index => COMPARISON_COLORS[index % COMPARISON_COLORS.length];

/// A value's ground: of ratios less than 1 blue, more orange, at 4 and at 1/4 as deep as it gets; of others by their place in `range`.
function heat(value, ratio, range) {
  const depth = ratio ? Math.log(value) / Math.log(4) : Math.log(value / range[0]) / Math.log(range[1] / range[0]);
  if (!Number.isFinite(depth)) return '';
  const strength = Math.min(1, Math.abs(depth)) * 0.55;
  return `background:rgba(${ratio && depth < 0 ? '47,120,192' : '224,118,28'},${strength.toFixed(3)})`;
}

/// `axes`: {axis, values, reference}; `figures`: of comparison_columns() the values of all points, the last axis's changing
/// first. `mark`: of the run, in the names of its plots.
class ComparisonView {
  constructor(axes, figures, columns, mark) {
    Object.assign(this, {axes, figures, mark});
    const related = axes.findIndex(axis => axis.reference !== undefined);
    this.reference = axes[related]?.reference;
    this.columns = COMPARISON_FIGURES.map(name => columns.find(column => column.name === name))
      .filter(column => column && (related >= 0 || !this.isRatio(column)) && figures[column.name].some(value => value > 0));
    this.figure = this.columns[0];
    this.rows = Math.max(0, related);
    this.across = axes.findLastIndex((_, axis) => axis !== this.rows);  // NO_AXIS where there is no other
    this.fixed = axes.map(() => ALL);
    let step = figures.time_ns.length;
    this.steps = axes.map(axis => step /= axis.values.length);
    this.place = element('div');
    this.choices = element('div', {class: 'choices'});
    this.draw();
  }

  element() {
    return [this.choices, this.place];
  }

  isRatio(column) {
    return column.name.endsWith('_ratio');
  }

  /// The value of an axis at a point.
  at(point, axis) {
    return Math.floor(point / this.steps[axis]) % this.axes[axis].values.length;
  }

  /// The points that the choices leave.
  points() {
    return this.figures.time_ns.map((_, point) => point).filter(point => this.axes.every((_, axis) =>
      axis === this.rows || axis === this.across || this.fixed[axis] === ALL || this.fixed[axis] === this.at(point, axis)));
  }

  choose() {
    const select = (name, choices, chosen, act) => choice(name, choices, chosen, value => { act(value); this.draw(); });
    const names = this.axes.map((axis, i) => [i, axis.axis]);
    this.choices.replaceChildren(
      select('figure', this.columns.map((column, i) => [i, metricName(column)]), this.columns.indexOf(this.figure), i => { this.figure = this.columns[i]; }),
      select('rows', names, this.rows, axis => {
        if (axis === this.across) this.across = this.rows;
        this.rows = axis;
      }),
      select('columns', [[NO_AXIS, 'none'], ...names.filter(([i]) => i !== this.rows)], this.across, axis => { this.across = axis; }),
      ...names.filter(([i]) => i !== this.rows && i !== this.across).map(([i, name]) => select(name,
        [[ALL, 'all (geometric mean)'], ...this.axes[i].values.map((value, at) => [at, value])], this.fixed[i], at => { this.fixed[i] = at; })));
  }

  /// {title, of: a mean for each value of the rows} of each value of the columns, and of all where there are several.
  means(points) {
    const mean = some => this.axes[this.rows].values.map((_, row) =>
      geometricMean(some.filter(point => this.at(point, this.rows) === row).map(point => this.figures[this.figure.name][point])));
    if (this.across === NO_AXIS) return [{title: metricName(this.figure), of: mean(points)}];
    const {values} = this.axes[this.across];
    const each = values.map((title, column) => ({title, of: mean(points.filter(point => this.at(point, this.across) === column))}));
    return values.length > 1 ? [...each, {title: 'all', all: true, of: mean(points)}] : each;
  }

  draw() {
    this.choose();
    const points = this.points();
    const means = this.means(points);
    const all = means.flatMap(column => column.of).filter(value => value > 0);
    const range = [Math.min(...all), Math.max(...all)];
    const ratio = this.isRatio(this.figure);
    const columns = means.map(column => ({
      title: column.title, hint: column.all ? 'geometric mean of the columns' : undefined, key: row => column.of[row],
      text: row => element('span', {class: 'heat', style: heat(column.of[row], ratio, range), 'data-mean': column.of[row]}, metricText(this.figure)(column.of[row]))}));
    const {axis, values} = this.axes[this.rows];
    const each = points.length / (values.length * (means.length - (means.length > 1)));
    this.place.replaceChildren(
      note(ratio ? `${capital(metricName(this.figure))}: over the ${this.figure.name === 'time_ratio' ? 'time' : 'energy'} of ${this.reference} at the same point; below 1 (blue) is less. ` : '',
        each > 1 ? `Each value is the geometric mean of ${grouped(each)} points.` : 'Each value is one point.'),
      table([{title: axis, left: true, key: row => row, text: row => [element('i', {class: 'swatch', style: `background:${comparisonColor(row)}`}), values[row]]}, ...columns],
        values.map((_, row) => row), {id: `comparison-${this.mark}`}),
      this.bars(means.filter(column => !column.all), range),
      this.scatter(points));
    fitPlots();
  }

  bars(means, range) {
    const {values} = this.axes[this.rows];
    const ratio = this.isRatio(this.figure);
    const groups = means.map((_, i) => i);
    const rows = means.flatMap((column, i) => column.of.map((value, row) => ({column: i, row, value, color: comparisonColor(row), tip: {
      title: values[row], rows: [[this.across === NO_AXIS ? '' : column.title, metricText(this.figure)(value), comparisonColor(row)]]}})));
    return plot(`comparison-bars-${this.mark}`, `${capital(metricName(this.figure))} by ${this.axes[this.rows].axis}${this.across === NO_AXIS ? '' : ` and ${this.axes[this.across].axis}`}`, {
      height: 230,
      data: [{name: 'rows', values: rows}, {name: 'titles', values: means.map(({title}) => ({title: this.across === NO_AXIS ? '' : means.length > 6 ? title.split(' ') : title}))}],
      scales: [
        {name: 'x', type: 'band', range: 'width', domain: groups, paddingInner: 0.12, paddingOuter: 0.06},
        {name: 'inner', type: 'band', range: [0, {signal: "bandwidth('x')"}], domain: values.map((_, row) => row)},
        {name: 'y', type: 'linear', range: 'height', nice: true, domain: [0, Math.max(range[1], ratio ? 1 : 0)]},
        this.colors(),
      ],
      axes: [
        {scale: 'y', orient: 'left', grid: true, domain: false, ticks: false, tickCount: 5, encode: {labels: {update: {text: {signal: `${metricText(this.figure).name}(datum.value)`}}}}},
        {scale: 'x', orient: 'bottom', ticks: false, labelPadding: 6, labelOverlap: true, encode: {labels: {update: {text: {signal: "data('titles')[datum.value].title"}}}}},
      ],
      legends: [legend(values)],
      marks: [
        {type: 'rect', from: {data: 'rows'}, encode: {
          update: {
            x: {scale: 'x', field: 'column', offset: {scale: 'inner', field: 'row'}}, width: {scale: 'inner', band: 0.9}, y: {scale: 'y', field: 'value'}, y2: {scale: 'y', value: 0},
            fill: {field: 'color'}, fillOpacity: {value: 1}, tooltip: {field: 'tip'}},
          hover: {fillOpacity: {value: 0.7}}}},
        ...(ratio ? [{type: 'rule', encode: {update: {x: {value: 0}, x2: {signal: 'width'}, y: {scale: 'y', value: 1}, strokeDash: {value: [5, 4]}, stroke: {value: '#666'}}}}] : []),
      ],
    });
  }

  colors() {
    const {values} = this.axes[this.rows];
    return {name: 'color', type: 'ordinal', domain: values, range: values.map((_, row) => comparisonColor(row))};
  }

  /// A point each: time and energy, or their ratios.
  scatter(points) {
    const [x, y] = this.reference === undefined ? ['time_ns', 'energy_pj'] : ['time_ratio', 'energy_ratio'];
    const of = name => this.columns.find(column => column.name === name);
    const {values} = this.axes[this.rows];
    const shown = points.filter(point => this.figures[x][point] > 0 && this.figures[y][point] > 0).map(point => ({
      x: this.figures[x][point], y: this.figures[y][point], color: comparisonColor(this.at(point, this.rows)), tip: {
        title: values[this.at(point, this.rows)], rows: [
          ...this.axes.map(({axis, values: names}, i) => [axis, names[this.at(point, i)]]),
          ...this.columns.map(column => [metricName(column), metricText(column)(this.figures[column.name][point])])]}}));
    if (shown.length === 0) return null;
    const domain = key => {
      const all = shown.map(point => point[key]);
      return [Math.min(...all) / 1.2, Math.max(...all) * 1.2];
    };
    const scale = (name, range) => ({name, type: 'log', range, domain: domain(name), nice: false, zero: false});
    const axis = (name, orient, figure) => ({scale: name, orient, grid: true, tickCount: 6, labelOverlap: true, title: metricName(of(figure)), encode: {labels: {update: {text: {signal: `${metricText(of(figure)).name}(datum.value)`}}}}});
    return plot(`comparison-points-${this.mark}`, `${grouped(shown.length)} points: ${metricName(of(x))} and ${metricName(of(y))}`, {
      height: 340,
      data: [{name: 'points', values: shown}],
      scales: [scale('x', 'width'), scale('y', 'height'), this.colors()],
      axes: [axis('x', 'bottom', x), axis('y', 'left', y)],
      legends: [legend(values)],
      marks: [
        ...(this.reference === undefined ? [] : [
          {type: 'rule', encode: {update: {x: {value: 0}, x2: {signal: 'width'}, y: {scale: 'y', value: 1}, stroke: {value: '#7b838c'}, strokeDash: {value: [5, 4]}}}},
          {type: 'rule', encode: {update: {y: {value: 0}, y2: {signal: 'height'}, x: {scale: 'x', value: 1}, stroke: {value: '#7b838c'}, strokeDash: {value: [5, 4]}}}}]),
        {type: 'symbol', from: {data: 'points'}, encode: {
          update: {x: {scale: 'x', field: 'x'}, y: {scale: 'y', field: 'y'}, size: {value: 34}, fill: {field: 'color'}, fillOpacity: {value: 0.55}, tooltip: {field: 'tip'}},
          hover: {fillOpacity: {value: 1}}}},
      ],
    });
  }
}

function comparison({runs, comparisonColumns}) {
  return perRun(runs, run => run.index === 0 && run.folder.comparison ?
    new ComparisonView(run.summary.comparison.axes, run.folder.comparison, comparisonColumns, run.letter).element() : null);
}
