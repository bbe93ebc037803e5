// What host, accelerator and memory do, side by side (timeline_data.h): a canvas to zoom and pan in. A frame costs what
// its pixels cost, not its spans: each row is searched for the window, and of spans in one pixel one is drawn.

const SPAN_ROW = 16, CURVE_ROW = 34, GUTTER = 176, AXIS = 24;
const MOST_DEPTHS = 14;
const NAMED_COLORS = {read: '#3a86d1', write: '#e07b1f', running: '#5aa469', accessing: '#d0a92b', sleeping: '#c9ced4', handler: '#a352b5', polled: '#7d6bb5'};
const SPAN_COLORS = ['#4e79a7', '#59a14f', '#b07aa1', '#d37295', '#76b7b2', '#9c755f', '#8cd17d', '#b6992d', '#499894', '#86bcb6', '#6a8caf', '#a0785a'];
const MERGED_COLOR = '#93a4b8';

function spanColor(name) {
  if (NAMED_COLORS[name]) return NAMED_COLORS[name];
  let hash = 7;
  for (let i = 0; i < name.length; ++i) hash = (31 * hash + name.charCodeAt(i)) >>> 0;
  return SPAN_COLORS[hash % SPAN_COLORS.length];
}

/// The first index in ascending `list` whose value is above `value`.
function firstAbove(list, value) {
  let low = 0, high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

class Timeline {
  constructor(data) {
    this.end = Math.max(1, data.end_ps);
    this.from = 0;
    this.to = this.end;
    this.names = data.names;
    this.rows = [];
    // The power of components is drawn by a section of its own.
    const counters = data.counters.filter(({counter}) => !counter.endsWith('_mw') || counter === 'total_mw');
    for (const counter of counters) this.addCurve(counter);
    for (const track of data.tracks) track.rows.slice(0, MOST_DEPTHS).forEach((row, depth) => this.addRow(track, row, depth));
    const processes = [...new Set([...data.tracks.map(track => track.process), ...counters.map(counter => counter.process)])];
    this.rows = processes.flatMap(process => this.rows.filter(row => row.process === process).sort((a, b) => (a.points ? 1 : 0) - (b.points ? 1 : 0)));
    let y = AXIS;
    this.rows.forEach((row, i) => {
      if (i > 0 && row.process !== this.rows[i - 1].process) y += 6;
      row.y = y;
      row.height = row.points ? CURVE_ROW : SPAN_ROW;
      y += row.height + 2;
    });
    this.height = y + 4;
    this.hidden = Math.max(0, ...data.tracks.map(track => track.rows.length - MOST_DEPTHS));
    this.canvas = element('canvas', {tabindex: 0, 'aria-label': 'timeline: drag to pan, Ctrl and wheel or the keys w a s d to zoom and pan'});
    this.listen();
  }

  addRow(track, numbers, depth) {
    const count = numbers.length / 3;
    const row = {process: track.process, label: depth === 0 ? track.track : '', starts: new Float64Array(count), ends: new Float64Array(count), names: new Int32Array(count)};
    for (let i = 0, at = 0; i < count; ++i) {
      at += numbers[3 * i];
      row.starts[i] = at;
      row.ends[i] = at + numbers[3 * i + 1];
      row.names[i] = numbers[3 * i + 2];
    }
    this.rows.push(row);
  }

  addCurve(counter) {
    const count = counter.points.length / 2;
    const row = {process: counter.process, label: words(counter.counter), points: true, starts: new Float64Array(count), values: new Float64Array(count), most: 0};
    for (let i = 0; i < count; ++i) {
      row.starts[i] = counter.points[2 * i];
      row.values[i] = counter.points[2 * i + 1];
      row.most = Math.max(row.most, row.values[i]);
    }
    this.rows.push(row);
  }

  element() {
    const zoom = factor => () => this.zoom(factor, (this.from + this.to) / 2);
    return element('div', {class: 'timeline'},
      element('div', {class: 'buttons'},
        element('button', {type: 'button', click: zoom(0.5)}, 'zoom in'), element('button', {type: 'button', click: zoom(2)}, 'zoom out'),
        element('button', {type: 'button', click: () => this.show(0, this.end)}, 'all'),
        element('span', {class: 'hint'}, 'drag to pan, Ctrl + wheel to zoom, or w a s d')),
      this.canvas);
  }

  fit() {
    const width = fitCanvas(this.canvas, this.height);
    if (width === 0) return;
    this.width = width;
    this.context = this.canvas.getContext('2d');
    this.draw();
  }

  show(from, to) {
    const span = Math.min(this.end, Math.max(100, to - from));
    this.from = Math.max(0, Math.min(this.end - span, from));
    this.to = this.from + span;
    if (this.pending) return;
    this.pending = true;
    requestAnimationFrame(() => { this.pending = false; this.draw(); });
  }
  zoom(factor, at) {
    this.show(at - (at - this.from) * factor, at + (this.to - at) * factor);
  }
  timeAt(x) {
    return this.from + (x - GUTTER) / (this.width - GUTTER) * (this.to - this.from);
  }

  draw() {
    const context = this.context;
    if (!context) return;
    const style = getComputedStyle(this.canvas);
    const color = name => style.getPropertyValue(name).trim();
    const [ink, faint, line] = [color('--ink'), color('--faint'), color('--line')];
    context.clearRect(0, 0, this.width, this.height);
    context.font = `11px ${FONT}`;
    context.textBaseline = 'middle';
    this.drawAxis(context, faint, line);
    const scale = (this.width - GUTTER) / (this.to - this.from);
    let process = null;
    for (const row of this.rows) {
      context.fillStyle = row.process === process ? faint : ink;
      const label = row.process === process ? row.label : `${row.process} · ${row.label}`;
      process = row.process;
      context.save();
      context.beginPath();
      context.rect(0, row.y, GUTTER - 8, row.height);
      context.clip();
      context.fillText(label, 2, row.y + SPAN_ROW / 2);
      if (row.points) {
        context.fillStyle = faint;
        context.fillText(`most ${this.valueText(row, row.most)}`, 2, row.y + SPAN_ROW * 1.4);
      }
      context.restore();
      context.save();
      context.beginPath();
      context.rect(GUTTER, row.y, this.width - GUTTER, row.height);
      context.clip();
      if (row.points) this.drawCurve(context, row, scale);
      else this.drawSpans(context, row, scale);
      context.restore();
    }
  }

  drawAxis(context, faint, line) {
    const span = this.to - this.from;
    const rough = span / Math.max(2, Math.floor((this.width - GUTTER) / 110));
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map(each => each * power).find(each => each >= rough);
    const count = Math.max(3, Math.ceil(Math.log10(Math.max(1, this.to / step))) + 1);
    for (let at = Math.ceil(this.from / step) * step; at <= this.to; at += step) {
      const x = GUTTER + (at - this.from) / span * (this.width - GUTTER);
      context.fillStyle = line;
      context.fillRect(Math.round(x), AXIS - 6, 1, this.height - AXIS + 6);
      context.fillStyle = faint;
      context.textAlign = 'center';
      context.fillText(picosecondsText(at, count), Math.min(x, this.width - 24), 8);
      context.textAlign = 'left';
    }
  }

  drawSpans(context, row, scale) {
    for (let i = firstAbove(row.ends, this.from); i < row.starts.length && row.starts[i] < this.to; ) {
      const x = GUTTER + (row.starts[i] - this.from) * scale;
      const width = (row.ends[i] - row.starts[i]) * scale;
      const name = row.names[i] < 0 ? null : this.names[row.names[i]];
      context.fillStyle = name === null ? MERGED_COLOR : spanColor(name);
      if (width < 1) {
        const pixel = Math.floor(x);
        context.fillRect(pixel, row.y, 1, row.height);
        i = Math.max(i + 1, firstAbove(row.ends, this.from + (pixel + 1 - GUTTER) / scale));
        continue;
      }
      context.fillRect(x, row.y, width > 3 ? width - 0.5 : width, row.height);
      if (width > 34) {
        context.fillStyle = name === 'sleeping' || name === 'accessing' ? '#222' : '#fff';
        const left = Math.max(x, GUTTER);
        const letters = Math.floor((Math.min(x + width, this.width) - left - 8) / 6.2);
        const text = name ?? `${-row.names[i]} spans`;
        if (letters > 2) context.fillText(text.length > letters ? `${text.slice(0, letters - 1)}…` : text, left + 4, row.y + row.height / 2 + 0.5);
      }
      ++i;
    }
  }

  drawCurve(context, row, scale) {
    context.fillStyle = '#6f9fd1';
    for (let i = Math.max(0, firstAbove(row.starts, this.from) - 1); i < row.starts.length && row.starts[i] < this.to; ++i) {
      const end = i + 1 < row.starts.length ? row.starts[i + 1] : this.end;
      const height = row.most > 0 ? row.values[i] / row.most * (row.height - 2) : 0;
      context.fillRect(GUTTER + (row.starts[i] - this.from) * scale, row.y + row.height - height, Math.max(0.7, (end - row.starts[i]) * scale), height);
    }
  }
  valueText(row, value) {
    const texts = {'bytes per s': bytesPerSecondText, bytes: each => `${rate(each)}B`, mw: powerText, utilization: percentText};
    const unit = Object.keys(texts).find(each => row.label.endsWith(each));
    return (texts[unit] ?? digits)(value);
  }

  found(x, y) {
    const row = this.rows.find(each => y >= each.y && y < each.y + each.height);
    if (!row || x < GUTTER) return null;
    const at = this.timeAt(x);
    if (row.points) {
      const i = firstAbove(row.starts, at) - 1;
      return i < 0 ? null : [`${row.process} · ${row.label}`, [['at', picosecondsText(at, 6)], ['value', this.valueText(row, row.values[i])]]];
    }
    const near = 1.5 * (this.to - this.from) / (this.width - GUTTER);
    const i = firstAbove(row.ends, at - near);
    if (i >= row.starts.length || row.starts[i] > at + near) return null;
    const name = row.names[i] < 0 ? `${grouped(-row.names[i])} spans, drawn together` : this.names[row.names[i]];
    return [name, [['from', picosecondsText(row.starts[i], 7)], ['takes', picosecondsText(row.ends[i] - row.starts[i], 4)]]];
  }

  listen() {
    const canvas = this.canvas;
    let drag = null;
    canvas.addEventListener('wheel', event => {
      if (!event.ctrlKey && !event.metaKey && !event.shiftKey) return;
      event.preventDefault();
      const span = this.to - this.from;
      if (event.shiftKey) this.show(this.from + span * event.deltaY / 800, this.to + span * event.deltaY / 800);
      else this.zoom(Math.exp(event.deltaY / 300), this.timeAt(Math.max(GUTTER, event.offsetX)));
    }, {passive: false});
    canvas.addEventListener('pointerdown', event => {
      drag = {x: event.offsetX, from: this.from, to: this.to};
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener('pointerup', () => { drag = null; });
    canvas.addEventListener('pointermove', event => {
      if (drag) {
        const move = (drag.x - event.offsetX) / (this.width - GUTTER) * (drag.to - drag.from);
        this.show(drag.from + move, drag.to + move);
        return tooltip.hide();
      }
      const found = this.found(event.offsetX, event.offsetY);
      if (found) tooltip.show(...found, event.clientX, event.clientY);
      else tooltip.hide();
    });
    canvas.addEventListener('pointerleave', () => tooltip.hide());
    canvas.addEventListener('dblclick', event => this.zoom(0.4, this.timeAt(event.offsetX)));
    canvas.addEventListener('keydown', event => {
      const span = this.to - this.from, middle = (this.from + this.to) / 2;
      if (event.key === 'w') this.zoom(0.7, middle);
      if (event.key === 's') this.zoom(1 / 0.7, middle);
      if (event.key === 'a') this.show(this.from - span / 5, this.to - span / 5);
      if (event.key === 'd') this.show(this.from + span / 5, this.to + span / 5);
    });
  }
}
