// Sections over all runs: figures, energy, time, area.

const MOST_BARS = 16, MOST_DETAILED = 6;  // runs: in plots with a bar each, and in those that show their insides

const nanojoulesPerMac = pj => scaled(['aJ', 'fJ', 'pJ', 'nJ'])(pj * 1e6);

/// What runs are compared by. `value` undefined: the run has no such figure. `whole`: it grows with the work, so that
/// only runs of the same layers compare.
const FIGURES = [
  {name: 'time', whole: true, hint: 'simulated, from reset to the last completion', value: run => run.simulation.time_ns, text: timeText},
  {name: 'energy', whole: true, hint: 'of that time: accelerator, memory and host', value: run => run.simulation.energy_pj, text: energyText},
  {name: 'mean power', hint: 'energy over time', value: run => run.simulation.time_ns > 0 ? run.simulation.energy_pj / run.simulation.time_ns : undefined, text: powerText},
  {name: 'cycles', whole: true, hint: 'of the accelerator, all layers', value: run => run.simulation.cycles, text: grouped},
  {name: 'utilization', hint: 'multiplications of the cells over cycles times cells', value: run => run.layers.length > 0 ? run.simulation.utilization : undefined, text: percentText},
  {name: 'dense MACs', whole: true, hint: 'multiplications of the dense products', value: run => run.simulation.macs_dense || undefined, text: value => rate(value)},
  {name: 'executed', hint: 'multiplications that the cells did, of the dense ones', value: run => run.simulation.macs_dense > 0 ? run.simulation.macs_executed / run.simulation.macs_dense : undefined, text: percentText},
  {name: 'energy per MAC', hint: 'all energy over the multiplications of the dense products', value: run => run.simulation.macs_dense > 0 ? run.simulation.energy_pj / run.simulation.macs_dense : undefined, text: nanojoulesPerMac},
  {name: 'prefill', hint: 'time to read the prompt', value: run => run.simulation.generation?.prefill.time_ns, text: timeText},
  {name: 'decode rate', hint: 'tokens per second', value: run => run.simulation.generation?.decode.tokens_per_s || undefined, text: value => `${digits(value)} /s`},
  {name: 'energy per token', hint: 'in decode; of steps all energy over all tokens that they give', value: run => run.simulation.generation?.decode.energy_per_token_pj || run.simulation.steps?.energy_per_token_pj || undefined, text: energyText},
  {name: 'first token', hint: 'until every request of the first step with a prefill has one', value: run => run.simulation.steps?.first_token_ns || undefined, text: timeText},
  {name: 'token rate', hint: 'tokens that all requests of steps get, per second', value: run => run.simulation.steps?.tokens_per_s || undefined, text: value => `${digits(value)} /s`},
  {name: 'time per token', hint: 'from a token of a request to its next', value: run => run.simulation.steps?.per_token_ns || undefined, text: timeText},
  {name: 'instructions', whole: true, hint: 'that the hart has retired', value: run => run.simulation.firmware?.instructions, text: grouped},
  {name: 'area', hint: 'of macros and buffers', value: run => run.summary.area_mm2?.total, text: areaText},
  {name: 'macro overhead', hint: 'area of the macros over that of the same ones for dense weights only', value: run => run.summary.macro_overhead, text: percentText},
];

function matchText(run) {
  if (run.simulation.match === undefined) return 'an estimate, nothing was compared';
  if (!run.simulation.match) return element('span', {class: 'bad'}, 'differs');
  const compared = run.layers.length > 0 || run.simulation.generation;
  return element('span', {class: compared ? 'good' : ''}, compared ? 'equal' : 'nothing compared');
}

function keyFigures({runs}) {
  const figures = FIGURES.filter(figure => runs.some(run => figure.value(run) !== undefined));
  if (runs.length === 1) {
    const [run] = runs;
    return [
      element('div', {class: 'cards'}, figures.filter(figure => figure.value(run) !== undefined).map(figure => element('div', {class: 'card', title: figure.hint, 'data-figure': figure.name, 'data-value': figure.value(run)},
        element('span', {}, figure.name), element('b', {}, figure.text(figure.value(run)))))),
      note('Outputs and the golden model: ', matchText(run), '.', run.folder.comparison ? ' Figures are those of the scenario as it stands; at the points of its axes: Comparison.' : ''),
    ];
  }
  const [first] = runs;
  const comparable = (run, figure) => run !== first && figure.value(first) > 0 && (!figure.whole || run.simulation.macs_dense === first.simulation.macs_dense);
  const columns = [
    {title: 'run', left: true, key: run => run.letter, text: run => [runMark(run, runs), ' ', run.label]},
    ...figures.map(figure => ({
      title: figure.name, hint: figure.hint, key: run => figure.value(run) ?? -1,
      text: run => {
        const value = figure.value(run);
        if (value === undefined) return '–';
        return [element('span', {'data-figure': figure.name, 'data-value': value}, figure.text(value)),
          comparable(run, figure) ? element('small', {}, ratioText(value / figure.value(first))) : null];
      },
    })),
    {title: 'golden model', left: true, key: run => String(run.simulation.match), text: matchText},
  ];
  return [table(columns, runs, {id: 'runs'}), note('Below each figure: its ratio to that of run A; of time, energy and counts only where both runs did the same multiplications.')];
}

const componentParts = (energies, components) => components.map((component, i) => ({name: component.name, value: energies[i]}));
const runEnergies = (run, components) => components.map(component => run.simulation.energy.by_component[component.name] ?? 0);

/// What the run spent that no layer has; rounding is none.
function betweenLayers(run, components) {
  const rest = runEnergies(run, components).map((energy, i) => energy - run.layers.reduce((sum, layer) => sum + layer.energies[i], 0));
  return rest.map(energy => energy > 1e-6 * run.simulation.energy_pj ? energy : 0);
}

function energy({runs, components}) {
  if (!runs.some(run => run.simulation.energy_pj > 0)) return null;
  const parts = components.map(({name, color}) => ({name, color}));
  const shown = runs.slice(0, MOST_BARS);
  const total = plot('energy', 'Energy by component', stackedBars({
    bars: shown.map(run => ({group: runs.length > 1 ? `${run.letter}  ${run.label}` : run.label, run: '', parts: componentParts(runEnergies(run, components), components)})),
    parts, text: energyText, axis: 'energyText'}));
  const present = components.map((component, i) => ({...component, energies: shown.map(run => runEnergies(run, components)[i])})).filter(row => row.energies.some(each => each > 0));
  const wide = shown.length > 2;
  const numbers = table([
    {title: 'component', left: true, key: row => row.name, text: row => [element('i', {class: 'swatch', style: `background:${row.color}`}), words(row.name)], title_of: row => row.description},
    ...shown.flatMap((run, i) => [
      {title: element('span', {}, runMark(run, runs), ' energy'), key: row => row.energies[i], text: row => energyText(row.energies[i])},
      {title: 'share', key: row => row.energies[i] / run.simulation.energy_pj, text: row => wide ? percentText(row.energies[i] / run.simulation.energy_pj) : shareCell(row.energies[i] / run.simulation.energy_pj, row.color)}]),
    wide ? null : {title: 'of what', left: true, prose: true, key: row => row.description},
  ].filter(column => column), present, {id: 'components', footer: ['total', ...shown.flatMap(run => [energyText(run.simulation.energy_pj), '']), ...(wide ? [] : [''])]});
  return [total, numbers, memoryEnergy(shown, runs), energyByPhase(shown, runs), energyByLayer(shown, components, parts)];
}

const MEMORY_PARTS = [
  {name: 'read', color: '#e0761c'}, {name: 'write', color: '#f2a65e'}, {name: 'activate', color: '#a8480e'}, {name: 'refresh', color: '#7c6a58'},
  {name: 'standby', color: '#c9bcae'}, {name: 'flat', color: '#e0761c'}];

/// What the DRAM spends its energy on, by the figures of its device.
function memoryEnergy(shown, runs) {
  const bars = shown.map(run => ({group: runs.length > 1 ? `${run.letter}  ${run.label}` : run.label, run: '',
    parts: MEMORY_PARTS.map(({name}) => ({name, value: run.simulation.energy.figures.find(figure => figure.figure === `dram.${name}`)?.energy_pj ?? 0}))}));
  if (!bars.some(bar => bar.parts.some(part => part.value > 0))) return null;
  return plot('energy-dram', 'Energy of the DRAM', stackedBars({bars, parts: MEMORY_PARTS, text: energyText, axis: 'energyText'}));
}

/// Of generations: layers, each operator of the host, and its driver.
function energyByPhase(shown, runs) {
  const generations = shown.filter(run => run.simulation.generation?.prefill.energy_split_pj);
  if (generations.length === 0) return null;
  const operators = generations[0].simulation.generation.prefill.operators.map(each => each.operator);
  const parts = [{name: 'layers', color: '#2f78c0'}, ...operators.map((name, i) => ({name, color: OPERATOR_COLORS[i % OPERATOR_COLORS.length]})), {name: 'driver', color: '#aab1b9'}];
  const bars = generations.flatMap(run => ['prefill', 'decode'].map(name => {
    const phase = run.simulation.generation[name];
    return {group: runs.length > 1 ? `${run.letter}  ${name}` : name, run: '', parts: [
      {name: 'layers', value: phase.energy_split_pj.gemm}, ...phase.operators.map(each => ({name: each.operator, value: each.energy_pj})),
      {name: 'driver', value: phase.energy_split_pj.host_driver}]};
  }));
  return plot('energy-by-phase', 'Energy by phase and operator', stackedBars({bars, parts, text: energyText, axis: 'energyText'}));
}
const OPERATOR_COLORS = ['#8d57b8', '#d37295', '#59a14f', '#e0761c', '#76b7b2', '#b6992d', '#9c755f', '#4e79a7', '#b07aa1', '#86bcb6', '#c0453f', '#6b7a99'];

function energyByLayer(runs, components, parts) {
  const layered = runs.filter(run => run.layers.length > 0).slice(0, MOST_DETAILED);
  if (layered.length === 0) return null;
  const all = layered.map(layerGroups);
  const names = largestGroups(all, 'energy_pj');
  const bars = names.flatMap(name => layered.map((run, i) => ({group: name, run: run.letter, parts: componentParts(all[i].get(name)?.energies ?? [], components)})).filter(bar => bar.parts.some(part => part.value > 0)));
  const others = all.map(groups => [...groups].filter(([name]) => !names.includes(name)).reduce((sums, [, group]) => sums.map((sum, i) => sum + group.energies[i]), components.map(() => 0)));
  const add = (group, energies) => layered.forEach((run, i) => {
    if (energies[i].some(each => each > 0)) bars.push({group, run: run.letter, parts: componentParts(energies[i], components)});
  });
  add('other layers', others);
  const outside = layered.map(run => [run, betweenLayers(run, components).reduce((sum, each) => sum + each, 0)]);
  return [plot('energy-by-layer', `Energy by ${groupsText(layered[0])}`, stackedBars({bars, parts, text: energyText, axis: 'energyText'})),
    note('Outside of layers, while no command is worked on, host, memory and leakage spend ', outside.map(([run, spent], i) => [i > 0 ? ', ' : '', runMark(run, layered), energyText(spent)]), '.')];
}

const TIME_PARTS = [
  {name: 'cells compute or load', color: '#2f78c0'}, {name: 'accelerator waits for memory', color: '#e0761c'},
  {name: 'host operators', color: '#8d57b8'}, {name: 'host memory', color: '#a974c9'}, {name: 'host driver', color: '#c29ad9'}, {name: 'no command', color: '#aab1b9'}];

/// [{group, parts}] whose parts add up to the time of the run, or of a phase.
function timeSplits(run) {
  const {generation, steps} = run.simulation;
  const phases = steps ? steps.passes.map(pass => [pass.pass, pass]) : generation ? ['prefill', 'decode'].map(phase => [phase, generation[phase]]) : null;
  if (phases) {
    return phases.map(([name, {time_split_ns: split}]) => {
      return {group: name, parts: [split.gemm, split.memory, split.host_operators, split.host_memory, split.host_driver].map((value, i) => ({name: TIME_PARTS[i].name, value}))};
    });
  }
  const period = run.summary.clock.period_ps / 1000;
  const stalled = run.layers.reduce((sum, layer) => sum + layer.stall_cycles, 0) * period;
  const busy = run.layers.reduce((sum, layer) => sum + layer.cycles, 0) * period - stalled;
  return [{group: 'whole run', parts: [{name: TIME_PARTS[0].name, value: busy}, {name: TIME_PARTS[1].name, value: stalled}, {name: TIME_PARTS[5].name, value: Math.max(0, run.simulation.time_ns - busy - stalled)}]}];
}

function time({runs}) {
  const shown = runs.slice(0, MOST_BARS).filter(run => run.simulation.time_ns > 0);
  if (shown.length === 0) return null;
  const several = runs.length > 1;
  const bars = shown.flatMap(run => timeSplits(run).map(({group, parts}) => ({
    group: [several ? `${run.letter}  ${run.label}` : '', hasParts(run) || !several ? group : ''].filter(each => each).join(' · '), run: '', parts})));
  const layered = shown.filter(run => run.layers.length > 0).slice(0, MOST_DETAILED);
  const made = [plot('time', 'Where time goes', stackedBars({bars, parts: TIME_PARTS, text: timeText, axis: 'timeText'}))];
  if (layered.length > 0) {
    const all = layered.map(layerGroups);
    const names = largestGroups(all, 'cycles');
    const cycles = names.flatMap(name => layered.map((run, i) => ({run, group: all[i].get(name)})).filter(each => each.group).map(({run, group}) => ({
      group: name, run: run.letter, parts: [{name: TIME_PARTS[0].name, value: group.cycles - group.stall_cycles}, {name: TIME_PARTS[1].name, value: group.stall_cycles}]})));
    made.push(plot('cycles-by-layer', `Cycles by ${groupsText(layered[0])}`, stackedBars({bars: cycles, parts: TIME_PARTS, text: value => `${grouped(value)} cycles`, axis: 'grouped'})));
  }
  return made;
}

const AREA_COLORS = ['#1d4f8c', '#2f78c0', '#63a6e3', '#9cc9f2', '#0f7f86', '#45b3ad', '#2e7d3c', '#66b35a', '#a9d695', '#c9a227', '#8d57b8', '#aab1b9'];

function area({runs}) {
  const own = runs.filter(run => run.index === 0 && run.summary.area_mm2?.total > 0).slice(0, MOST_BARS);
  if (own.length === 0) return null;
  const mm2 = (run, name) => run.folder.area.find(part => part.name === name)?.mm2 ?? 0;
  const names = [...new Set(own.flatMap(run => run.folder.area.map(part => part.name)))].filter(name => own.some(run => mm2(run, name) > 0));
  const parts = names.map((name, i) => ({name, color: AREA_COLORS[i % AREA_COLORS.length]}));
  const label = run => own.length > 1 ? `${run.letter}  ${run.label}` : `${run.summary.architecture} · ${run.summary.technology}`;
  return [
    plot('area', 'Area by part', stackedBars({bars: own.map(run => ({group: label(run), run: '', parts: names.map(name => ({name, value: mm2(run, name)}))})), parts, text: areaText, axis: 'areaText'})),
    table([
      {title: 'part', left: true, key: row => row.name, text: row => [element('i', {class: 'swatch', style: `background:${row.color}`}), words(row.name)]},
      ...own.flatMap(run => [
        {title: element('span', {}, runMark(run, runs), ' area'), key: row => mm2(run, row.name), text: row => areaText(mm2(run, row.name))},
        {title: 'share', key: row => mm2(run, row.name), text: row => shareCell(mm2(run, row.name) / run.summary.area_mm2.total, row.color)}]),
    ], parts, {id: 'areas', footer: ['total', ...own.flatMap(run => [areaText(run.summary.area_mm2.total), ''])]}),
  ];
}
