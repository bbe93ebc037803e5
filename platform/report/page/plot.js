// A plot: a Vega specification that is drawn as SVG, as wide as the page, and can be saved.

/// "50.0 µJ" as "50 µJ", "0 fJ" as "0".
const onAxis = text => text.replace(/^0 .*/, '0').replace(/(\.\d*?)0+(?= |$)/, '$1').replace(/\.(?= |$)/, '');

const vega = (() => {
  const modules = vegaModules;
  Object.assign(modules['vega-dataflow'].transforms, modules['vega-transforms'], modules['vega-view-transforms'], modules['vega-encode']);
  for (const [name, text] of Object.entries({energyText, powerText, timeText, areaText, digits, bytesText, bytesPerSecondText, macsPerSecondText, percentText, grouped})) {
    modules['vega-functions'].expressionFunction(name, value => onAxis(text(value)));
  }
  return {View: modules['vega-view'].View, parse: modules['vega-parser'].parse};
})();

const FONT = 'system-ui, "Segoe UI", "DejaVu Sans", sans-serif';
/// Colours of files that are saved; on the page style sheets have the last word (page.css).
const PLOT_CONFIG = {
  background: null,
  font: FONT,
  axis: {labelFont: FONT, titleFont: FONT, labelFontSize: 11, titleFontSize: 11, titleFontWeight: 'normal', labelColor: '#444', titleColor: '#666',
    gridColor: '#e3e5e8', domainColor: '#9aa0a6', tickColor: '#9aa0a6', labelLimit: 260},
  legend: {labelFont: FONT, labelFontSize: 11, labelColor: '#333', titleFont: FONT, symbolType: 'square', symbolSize: 90, labelLimit: 260, rowPadding: 3, columnPadding: 14},
  text: {font: FONT, fontSize: 11, fill: '#333'},
};

/// Above the plot, in as many columns as its longest name lets fit.
function legend(names) {
  const column = 40 + 6.4 * Math.max(...names.map(name => name.length));
  return {fill: 'color', orient: 'top', direction: 'horizontal', columns: {signal: `max(1, floor(width / ${column}))`}, offset: 10};
}

const plots = [];

/// `spec`: of Vega, without width; `name`: of the files that are saved. `hover(view, event)` gives [title, rows] for the
/// place under the mouse, where marks have no tooltips of their own. It takes the place of an earlier one of that name.
function plot(name, title, spec, hover = null) {
  const place = element('div', {class: 'plot'});
  const figure = element('figure', {id: `plot-${name}`},
    element('figcaption', {}, element('span', {}, title),
      element('span', {class: 'save'}, ...['SVG', 'PNG'].map(kind => element('button', {type: 'button', title: `save as ${kind}`, click: () => savePlot(name, kind)}, kind)))),
    place);
  const view = new vega.View(vega.parse({autosize: {type: 'fit-x', contains: 'padding', resize: true}, padding: {left: 2, right: 8, top: 2, bottom: 2}, ...spec, width: 900}, PLOT_CONFIG), {renderer: 'svg', container: place, hover: true});
  view.tooltip((handler, event, item, value) => {
    if (value) tooltip.show(value.title, value.rows, event.clientX, event.clientY);
    else if (!hover) tooltip.hide();
  });
  if (hover) {
    place.addEventListener('mousemove', event => {
      const found = hover(view, event);
      if (found) tooltip.show(...found, event.clientX, event.clientY);
      else tooltip.hide();
    });
  }
  place.addEventListener('mouseleave', () => tooltip.hide());
  const earlier = plots.findIndex(each => each.name === name);
  if (earlier >= 0) plots.splice(earlier, 1)[0].view.finalize();
  plots.push({name, view, place, width: 0});
  return figure;
}

/// Where the mouse is in a plot, from the corner of its axes: {x, y, inside}.
function mouseIn(view, event) {
  const box = event.currentTarget.querySelector('svg').getBoundingClientRect();
  const [left, top] = view.origin();
  const [x, y] = [event.clientX - box.left - left, event.clientY - box.top - top];
  return {x, y, inside: x >= 0 && x <= view.width() && y >= 0 && y <= view.height()};
}

/// To be called when the plots are in the page, and when its width has changed.
function fitPlots() {
  for (const each of plots) {
    const width = each.place.clientWidth;
    if (width === 0 || width === each.width) continue;
    each.width = width;
    each.view.width(width).resize().run().resize().run();
  }
}

/// As a file has it: on white.
async function plotSvg(name) {
  const {view} = plots.find(each => each.name === name);
  const svg = await view.toSVG();
  return svg.replace(/(<svg[^>]*>)/, '$1<rect width="100%" height="100%" fill="white"/>');
}

async function savePlot(name, kind) {
  const svg = new Blob([await plotSvg(name)], {type: 'image/svg+xml'});
  if (kind === 'SVG') return save(`${name}.svg`, svg);
  const image = new Image();
  image.src = URL.createObjectURL(svg);
  await image.decode();
  const canvas = element('canvas', {width: 2 * image.width, height: 2 * image.height});
  canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
  canvas.toBlob(blob => save(`${name}.png`, blob));
}
