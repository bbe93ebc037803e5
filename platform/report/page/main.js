// The page: a header, the sections that have something to show, and what follows the size of the window.

const canvases = [];  // that have fit(), as a timeline

/// {names: of its title, heading, sections, context: for their content}
function runsPage(data) {
  const context = runsOf(data);
  const {runs} = context;
  const names = [...new Set(runs.map(run => run.summary.scenario))];
  return {names, context, sections: SECTIONS, heading: [
    element('h1', {}, names.length <= 3 ? names.join(', ') : `${runs.length} runs`),
    runs.length > 1 ? element('ul', {class: 'legend'}, runs.slice(0, 40).map(run => element('li', {}, runMark(run, runs), run.label))) :
      element('p', {class: 'traits'}, runs[0].traits.join(' · '))]};
}

function build() {
  const data = JSON.parse(document.getElementById('data').textContent);
  const {names, heading, sections, context} = data.sweep ? sweepPage(data.sweep) : runsPage(data);
  const built = [];
  for (const {id, title, content} of sections) {
    const inside = content(context);
    if (inside) built.push(element('section', {id}, element('h2', {}, title), inside));
  }
  document.title = `${names.join(', ')} · FlexCiM-VP report`;
  document.getElementById('report').append(
    element('header', {}, heading),
    element('nav', {}, built.map(section => element('a', {href: `#${section.id}`}, section.querySelector('h2').textContent))),
    ...built,
    element('footer', {}, 'FlexCiM-VP. What each figure means: docs/report.md. ', element('button', {type: 'button', click: event => {
      event.target.replaceWith(element('pre', {}, document.getElementById('licence').textContent));
    }}, 'Licence of Vega, which draws the plots')));
  fit();
}

function fit() {
  fitPlots();
  for (const canvas of canvases) canvas.fit();
}

build();
addEventListener('resize', fit);
addEventListener('beforeprint', fit);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', fit);
