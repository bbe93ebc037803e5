// Axes and objectives side by side, a line for each point: a canvas, on which dragging along an axis keeps the lines that
// pass there.

const MOST_LINES = 1000, PARALLEL_HEIGHT = 380, PARALLEL_TOP = 30, PARALLEL_BOTTOM = 8, PARALLEL_SIDE = 60;
const MOST_TICKS = 12, BAND = 0.6;  // of the room of a value the part in which its lines lie

/// A number without order, the same each time.
function scattered(number) {
  const mix = value => Math.imul(value ^ (value >>> 16), 0x45d9f3b);
  const mixed = mix(mix(number + 1));
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

class ParallelCoordinates {
  constructor(context) {
    this.context = context;
    const {axes, objectives, sweep} = context;
    this.best = this.metricColumn(objectives[0]);
    this.columns = [
      ...axes.map((axis, i) => this.axisColumn(axis, sweep.points.axes[i])), this.best, ...objectives.slice(1).map(objective => this.metricColumn(objective))];
    this.order = sweep.points.number.map(scattered);
    this.windows = this.columns.map(() => null);  // [from, to] that a line has to pass, 0..1
    this.color = context.objectives[0];
    this.canvas = element('canvas', {'aria-label': 'parallel coordinates: drag along an axis to keep the lines that pass there, double click to show all'});
    this.text = note();
    this.listen();
  }

  /// {title, at: 0..1 of each point from the bottom, ticks: [[at, text]]}. Values have equal room, in which lines lie by the
  /// first objective: there are thousands for one value.
  axisColumn({name, values}, of) {
    const count = values.length;
    const every = Math.ceil(count / MOST_TICKS);
    return {
      title: words(name),
      at: of.map((value, point) => (value + 0.5 + BAND * (this.best.at[point] - 0.5)) / count),
      ticks: values.map((text, value) => [(value + 0.5) / count, text]).filter((_, value) => value % every === 0),
    };
  }

  metricColumn(metric) {
    const {type, domain: [low, high]} = metricScale(metric.values);
    const scale = type === 'log' ? Math.log : value => value;
    const at = value => (scale(value) - scale(low)) / (scale(high) - scale(low));
    const ends = [Math.min(...metric.values), Math.max(...metric.values)];
    return {title: metric.title, at: metric.values.map(at), ticks: ends.map(value => [at(value), metric.text(value)]), objective: true};
  }

  element() {
    return element('div', {class: 'parallel'}, this.canvas, this.text);
  }

  fit() {
    const width = fitCanvas(this.canvas, PARALLEL_HEIGHT);
    if (width === 0) return;
    this.width = width;
    this.draw();
  }

  xOf(column) {
    return PARALLEL_SIDE + column * (this.width - 2 * PARALLEL_SIDE) / Math.max(1, this.columns.length - 1);
  }
  yOf(at) {
    return PARALLEL_HEIGHT - PARALLEL_BOTTOM - at * (PARALLEL_HEIGHT - PARALLEL_TOP - PARALLEL_BOTTOM);
  }
  atOf(y) {
    return Math.max(0, Math.min(1, (PARALLEL_HEIGHT - PARALLEL_BOTTOM - y) / (PARALLEL_HEIGHT - PARALLEL_TOP - PARALLEL_BOTTOM)));
  }

  passes(point) {
    return this.windows.every((window, column) => !window || (this.columns[column].at[point] >= window[0] && this.columns[column].at[point] <= window[1]));
  }

  draw() {
    const context = this.canvas.getContext('2d');
    const style = getComputedStyle(this.canvas);
    const [ink, faint, line, accent, ground] = ['--ink', '--faint', '--line', '--accent', '--ground'].map(name => style.getPropertyValue(name).trim());
    const {count, front, isFront} = this.context;
    const passing = Array.from({length: count}, (_, point) => point).filter(point => this.passes(point));
    const others = passing.filter(point => !isFront.has(point));
    const shown = others.length <= MOST_LINES ? others : others.sort((a, b) => this.order[a] - this.order[b]).slice(0, MOST_LINES);
    const best = passing.filter(point => isFront.has(point));
    context.clearRect(0, 0, this.width, PARALLEL_HEIGHT);
    context.lineWidth = 1;
    context.globalAlpha = 0.16;
    context.strokeStyle = faint;
    for (const point of shown) this.drawLine(context, point);
    context.globalAlpha = 0.9;
    context.lineWidth = 1.6;
    const rank = new Map([...front].sort((a, b) => this.color.values[a] - this.color.values[b]).map((point, i) => [point, i]));
    for (const point of best) {
      context.strokeStyle = rampColor(rank.get(point), front.length);
      this.drawLine(context, point);
    }
    context.globalAlpha = 1;
    this.drawAxes(context, {ink, faint, line, accent, ground});
    this.canvas.dataset.lines = JSON.stringify([passing.length, best.length, shown.length]);
    const kept = this.windows.some(window => window) ? `${grouped(passing.length)} points pass through the windows, ${grouped(best.length)} of them on the front. Double click on an axis takes its window away. ` : 'Drag along an axis to keep the lines that pass there. ';
    this.text.replaceChildren(kept, `Coloured: the points on the front, by ${this.color.title} from the least (blue) to the most (red). `,
      shown.length < others.length ? `Faint: ${grouped(shown.length)} of the ${grouped(others.length)} others, by chance.` : 'Faint: the others.');
  }

  drawLine(context, point) {
    context.beginPath();
    this.columns.forEach((column, i) => context.lineTo(this.xOf(i), this.yOf(column.at[point])));
    context.stroke();
  }

  drawAxes(context, {ink, faint, line, accent, ground}) {
    context.textAlign = 'center';
    this.columns.forEach((column, i) => {
      const x = this.xOf(i);
      context.fillStyle = this.windows[i] ? accent : column.objective ? faint : line;
      context.fillRect(Math.round(x) - 0.5, PARALLEL_TOP, 1.5, PARALLEL_HEIGHT - PARALLEL_TOP - PARALLEL_BOTTOM);
      if (this.windows[i]) {
        const [from, to] = this.windows[i];
        context.globalAlpha = 0.4;
        context.fillRect(x - 7, this.yOf(to), 14, Math.max(2, this.yOf(from) - this.yOf(to)));
        context.globalAlpha = 1;
      }
      context.font = `600 12px ${FONT}`;
      context.fillStyle = ink;
      context.fillText(column.title, x, 16);
      context.font = `11px ${FONT}`;
      for (const [at, text] of column.ticks) {
        const y = this.yOf(at) + 4;
        context.lineWidth = 3;
        context.strokeStyle = ground;
        context.strokeText(text, x, y);
        context.fillText(text, x, y);
      }
    });
  }

  listen() {
    const {canvas} = this;
    let drag = null;
    const columnAt = x => {
      const column = Math.round((x - PARALLEL_SIDE) / (this.width - 2 * PARALLEL_SIDE) * (this.columns.length - 1));
      return Math.max(0, Math.min(this.columns.length - 1, column));
    };
    const set = (column, window) => {
      this.windows[column] = window;
      this.draw();
    };
    canvas.addEventListener('pointerdown', event => {
      drag = {column: columnAt(event.offsetX), at: this.atOf(event.offsetY)};
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener('pointerup', () => { drag = null; });
    canvas.addEventListener('pointermove', event => {
      if (!drag) return;
      const at = this.atOf(event.offsetY);
      set(drag.column, [Math.min(at, drag.at), Math.max(at, drag.at)]);
    });
    canvas.addEventListener('dblclick', event => set(columnAt(event.offsetX), null));
  }
}

function parallelCoordinates(context) {
  if (context.count === 0) return null;
  const made = new ParallelCoordinates(context);
  canvases.push(made);
  return made.element();
}
