// Sections that show one run after the other, and the list of all sections in the order of the page.

/// `content(run)` of every run that has some, under its mark.
function perRun(runs, content) {
  const made = runs.slice(0, MOST_DETAILED).map(run => [run, content(run)]).filter(([, inside]) => inside);
  if (made.length === 0) return null;
  return [
    ...made.map(([run, inside]) => element('div', {class: 'of-run'}, runs.length > 1 ? element('h3', {}, runMark(run, runs), ' ', run.label) : null, inside)),
    runs.length > MOST_DETAILED ? note(`Of the first ${MOST_DETAILED} runs.`) : null,
  ];
}

const HIDDEN_COLUMNS = new Set(['pattern', 'macs_dense', 'start_ns']);  // shown in a form of their own, or in the timeline

function layers({runs, prefix, columns}) {
  const made = perRun(runs, run => {
    if (run.layers.length === 0) return null;
    const number = {utilization: percentText, dram_bytes: bytesText};
    const figures = columns.filter(column => !HIDDEN_COLUMNS.has(column.name)).map(column => ({
      title: words(column.name), hint: column.description + (column.unit ? `, ${column.unit}` : ''),
      key: layer => layer[column.name], text: layer => (number[column.name] ?? (value => (typeof value === 'number' ? grouped(value) : String(value))))(layer[column.name])}));
    return table([
      {title: 'layer', left: true, key: layer => layer.short, title_of: layer => layer.name},
      {title: 'tokens×out×in', key: layer => layer.macs_dense, text: layer => `${layer.tokens}×${layer.shape[0]}×${layer.shape[1]}`, hint: 'sorted by dense multiplications'},
      {title: 'N:M', key: layer => layer.pattern, hint: 'pattern of the weights'},
      ...figures,
      {title: 'energy', key: layer => layer.energy_pj, text: layer => energyText(layer.energy_pj)},
      {title: 'share', hint: 'of the energy of the run', key: layer => layer.energy_pj, text: layer => shareCell(layer.energy_pj / run.simulation.energy_pj)},
      ...(run.simulation.match === undefined ? [] : [{title: 'match', left: true, hint: 'output equals the golden model bit for bit', key: layer => String(layer.match), text: layer => layer.match ? 'yes' : element('span', {class: 'bad', title: layer.mismatch}, 'NO')}]),
    ], run.layers, {id: `layers-${run.letter}`, most: 40});
  });
  return made && [prefix ? note(`Names begin with ${prefix}`) : null, made];
}

function generation({runs}) {
  return perRun(runs, run => {
    const {generation: text} = run.simulation;
    if (!text) return null;
    const phases = ['prefill', 'decode'];
    const operators = text.prefill.operators.map((operator, i) => ({name: operator.operator, of: phases.map(phase => text[phase].operators[i])})).filter(row => row.of.some(each => each.units > 0));
    return [
      element('blockquote', {}, text.prompt, element('mark', {}, text.text ?? '')),
      text.tokens ? note(`${text.prompt_tokens} tokens of prompt, ${text.tokens.length} generated (${text.finish_reason === 'eos' ? 'the last ends the text' : 'as many as asked for'}), `,
        text.match ? 'equal to the golden int8 model’s.' : element('span', {class: 'bad'}, 'NOT equal to the golden int8 model’s.'))
        : note(`${text.prompt_tokens} tokens of prompt, ${text.tokens_asked} more, none of which is known: an estimate.`),
      table([
        {title: 'phase', left: true, key: row => row.phase},
        {title: 'tokens', key: row => row.tokens},
        {title: 'time', key: row => row.time_ns, text: row => timeText(row.time_ns)},
        {title: 'tokens/s', key: row => row.tokens_per_s, text: row => digits(row.tokens_per_s)},
        {title: 'energy', key: row => row.energy_pj, text: row => energyText(row.energy_pj)},
        {title: 'per token', key: row => row.energy_per_token_pj, text: row => energyText(row.energy_per_token_pj)},
      ], phases.map(phase => ({phase, ...text[phase]}))),
      table([
        {title: 'what each would take alone', left: true, key: row => row.phase},
        {title: 'macros', key: row => row.macros_ns, text: row => timeText(row.macros_ns)},
        {title: 'DRAM', key: row => row.dram_ns, text: row => timeText(row.dram_ns)},
        {title: 'host', key: row => row.host_ns, text: row => timeText(row.host_ns)},
        {title: 'DRAM bytes', key: row => row.dram_bytes, text: row => grouped(row.dram_bytes)},
        {title: 'tokens/s at most', key: row => row.tokens_per_s, text: row => digits(row.tokens_per_s)},
      ], phases.map(phase => ({phase, ...text[phase].roofline}))),
      table([
        {title: 'operator of the host', left: true, key: row => row.name},
        ...phases.flatMap((phase, i) => [
          {title: `${phase} units`, key: row => row.of[i].units, text: row => `${grouped(row.of[i].units)} ${row.of[i].unit}s`},
          {title: 'cycles', key: row => row.of[i].cycles, text: row => grouped(row.of[i].cycles)},
          {title: 'bytes', key: row => row.of[i].read_bytes + row.of[i].written_bytes, text: row => grouped(row.of[i].read_bytes + row.of[i].written_bytes)},
          {title: 'time', key: row => row.of[i].time_ns, text: row => timeText(row.of[i].time_ns)}]),
      ], operators),
    ];
  });
}

function firmware({runs}) {
  return perRun(runs, run => {
    const {firmware: ran} = run.simulation;
    const interrupts = run.index === 0 ? run.summary.interrupts ?? [] : [];
    if (!ran && interrupts.length === 0) return null;
    return [
      ran ? note(`Exit code ${ran.exit_code}, ${grouped(ran.instructions)} instructions, ${grouped(ran.commands)} commands of the accelerator`, ran.jobs > 0 ? `, ${run.layers.length} of ${ran.jobs} layers have run` : '', '.') : null,
      ran?.generated ? element('blockquote', {}, element('mark', {}, ran.generated.text)) : null,
      run.index === 0 && run.folder.uart ? [note('Sent by its UART:'), element('pre', {class: 'uart'}, run.folder.uart)] : null,
      interrupts.length > 0 ? table([
        {title: 'interrupts of', left: true, key: row => row.source},
        {title: 'count', key: row => row.count, text: row => grouped(row.count)},
        ...['least', 'mean', 'most'].map(which => ({title: which, hint: 'from the rise of the line to its handler', key: row => row[`${which}_ns`], text: row => timeText(row[`${which}_ns`])})),
      ], interrupts) : null,
    ];
  });
}

function power({runs, components}) {
  return perRun(runs, run => {
    if (run.power.windows === 0) return null;
    const {spec, hover, mean} = powerCurves(run.power, components);
    const per = run.power.windows_per_point;
    return [plot(`power-${run.letter}`, `Power by component, mean ${powerText(mean)} (dashed)`, spec, hover),
      per > 1 ? note(`${grouped(run.power.windows)} windows; each step is the mean of ${per}.`) : null];
  });
}

const BUFFER_COLORS = {activation: COMPONENT_COLORS.activation_buffer, weight: COMPONENT_COLORS.weight_buffer, output: COMPONENT_COLORS.output_buffer};

function activity({runs}) {
  return perRun(runs, run => {
    if (!run.activity || run.activity.windows === 0) return null;
    const {edges_ns: edges, utilization, dram_bytes_per_s: memory, buffer_bytes: held} = run.activity;
    const curves = (name, title, series, text, axis) => {
      const {spec, hover} = stackedCurves({edges, series, text, axis, height: 100});
      return plot(`${name}-${run.letter}`, title, spec, hover);
    };
    return [
      curves('utilization', 'Utilization of the cells', [{name: 'utilization', color: '#2f78c0', values: utilization}], percentText, 'percentText'),
      curves('bandwidth', 'Bytes of the DRAM per second', MEMORY_PARTS.filter(({name}) => memory[name]).map(({name, color}) => ({name, color, values: memory[name]})), bytesPerSecondText, 'bytesPerSecondText'),
      curves('buffers', 'Bytes held in the buffers', Object.entries(held).map(([name, values]) => ({name, color: BUFFER_COLORS[name], values})), bytesText, 'bytesText'),
    ];
  });
}

function timeline({runs}) {
  return perRun(runs, run => {
    if (!run.timeline || run.timeline.tracks.length === 0) return null;
    const made = new Timeline(run.timeline);
    canvases.push(made);
    const {spans, merged_below_ps: below} = run.timeline;
    return [made.element(), note(`${grouped(spans)} spans`, below > 0 ? `; neighbours that together take less than ${picosecondsText(below)} are drawn as one (grey)` : '',
      made.hidden > 0 ? `; ${made.hidden} rows of deeper calls are left out` : '', `. All of them: timeline.json in ${run.folder.folder}, for ui.perfetto.dev.`)];
  });
}

const TAGS = {D: 'directly from the source', S: 'scaled, derived or from a cited model', E: 'engineering estimate', U: 'unverified'};
const TAG_COLORS = {D: '#2e7d3c', S: '#2f78c0', E: '#d9a52b', U: '#c0453f'};

function technology({runs}) {
  const own = runs.filter(run => run.simulation.energy_pj > 0 && run.simulation.energy.figures.length > 0);
  if (own.length === 0) return null;
  const tags = Object.keys(TAGS).map(tag => ({name: `${tag}: ${TAGS[tag]}`, color: TAG_COLORS[tag]}));
  return [
    plot('tags', 'What kind of figure the energy rests on', stackedBars({
      bars: own.slice(0, MOST_BARS).map(run => ({group: runs.length > 1 ? `${run.letter}  ${run.label}` : run.summary.technology, run: '', parts: Object.keys(TAGS).map((tag, i) => ({name: tags[i].name, value: run.simulation.energy.by_tag[tag] ?? 0}))})),
      parts: tags, text: energyText, axis: 'energyText'})),
    perRun(own, run => table([
      {title: 'figure', left: true, key: figure => figure.figure},
      {title: 'value', key: figure => figure.value, text: figure => `${Number(figure.value.toPrecision(6))} ${figure.unit}`},
      {title: 'tag', left: true, key: figure => figure.tag, text: figure => element('b', {class: 'tag', style: `background:${TAG_COLORS[figure.tag]}`, title: TAGS[figure.tag]}, figure.tag)},
      {title: 'energy', key: figure => figure.energy_pj, text: figure => energyText(figure.energy_pj)},
      {title: 'share', key: figure => figure.energy_pj, text: figure => shareCell(figure.energy_pj / run.simulation.energy_pj, TAG_COLORS[figure.tag])},
      {title: 'source', left: true, prose: true, key: figure => figure.source},
    ], [...run.simulation.energy.figures].sort((a, b) => b.energy_pj - a.energy_pj), {id: `figures-${run.letter}`, most: 15})),
  ];
}

/// YAML as scenario.yaml is written, key by key: {'architecture.macro.rows': '32'}.
function flatYaml(text) {
  const values = new Map();
  const path = [];
  text.split('\n').forEach(line => {
    const found = /^( *)(?:- )?([\w.-]+):(?: (.*))?$/.exec(line);
    if (!found) return;
    const depth = found[1].length / 2;
    path.length = depth;
    path[depth] = found[2];
    if (found[3] !== undefined) values.set(path.join('.'), found[3]);
  });
  return values;
}

function configuration({runs}) {
  const own = runs.filter(run => run.index === 0);
  const flat = own.map(run => flatYaml(run.folder.configuration));
  const keys = [...new Set(flat.flatMap(values => [...values.keys()]))].filter(key => flat.some(values => values.get(key) !== flat[0].get(key)));
  return [
    own.length > 1 ? [element('h3', {}, 'What differs'), keys.length > 0 ? table([
      {title: 'key', left: true, key: key => key},
      ...own.slice(0, 12).map((run, i) => ({title: runMark(run, runs), left: true, prose: true, key: key => flat[i].get(key) ?? '–'})),
    ], keys, {id: 'differences', most: 30}) : note('Nothing.')] : null,
    own.slice(0, MOST_DETAILED).map(run => element('details', {}, element('summary', {}, runMark(run, runs), ` ${run.folder.folder}/scenario.yaml, the effective configuration`), element('pre', {}, run.folder.configuration))),
  ];
}

function rooflines({runs}) {
  const shown = runs.filter(run => run.layers.some(layer => layer.dram_bytes > 0 && layer.macs_executed > 0)).slice(0, 8);
  if (shown.length === 0) return null;
  const points = shown.flatMap(run => {
    const most = Math.max(...run.layers.map(layer => layer.energy_pj));
    return run.layers.filter(layer => layer.dram_bytes > 0 && layer.macs_executed > 0).map(layer => {
      const intensity = layer.macs_executed / layer.dram_bytes;
      const macs_per_s = layer.macs_executed / (layer.cycles * run.summary.clock.period_ps) * 1e12;
      const roof = Math.min(run.folder.roofs.macs_per_s, intensity * run.folder.roofs.dram_bytes_per_s);
      return {run: run.letter + '  ' + run.label, color: run.color, intensity, macs_per_s, size: 40 + 260 * layer.energy_pj / most, tip: {title: `${runs.length > 1 ? `${run.letter} · ` : ''}${layer.name}`, rows: [
        ['multiplications', macsPerSecondText(macs_per_s)], ['per byte of DRAM', digits(intensity)], ['of its roof', percentText(macs_per_s / roof)], ['energy', energyText(layer.energy_pj)]]}};
    });
  });
  return [
    plot('roofline', 'Layers under the roofs of cells and DRAM', roofline({points, roofs: shown.map(run => run.folder.roofs)})),
    note('Multiplications are those that the cells did; zeros that a pattern leaves out are none. The area of a point is the energy of its layer. The slope is the DRAM’s peak rate, the flat part all cells in every cycle.'),
  ];
}

/// In the order of the page. `content(context)` gives what stands under the title, or null: the section is left out.
const SECTIONS = [
  {id: 'figures', title: 'Key figures', content: keyFigures},
  {id: 'comparison', title: 'Comparison', content: comparison},
  {id: 'energy', title: 'Energy', content: energy},
  {id: 'time', title: 'Time', content: time},
  {id: 'layers', title: 'Layers', content: layers},
  {id: 'generation', title: 'Generation', content: generation},
  {id: 'firmware', title: 'Firmware', content: firmware},
  {id: 'power', title: 'Power over time', content: power},
  {id: 'activity', title: 'Activity over time', content: activity},
  {id: 'timeline', title: 'Timeline', content: timeline},
  {id: 'roofline', title: 'Roofline', content: rooflines},
  {id: 'area', title: 'Area', content: area},
  {id: 'technology', title: 'Technology figures', content: technology},
  {id: 'configuration', title: 'Configuration', content: configuration},
];
