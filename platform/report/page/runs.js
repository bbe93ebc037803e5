// The runs of the page: every folder's own run and those of its `also`.

const RUN_COLORS = ['#2f6db3', '#d9742b', '#3b9657', '#9b51b0', '#b6403e', '#5f6b7a', '#1b9aaa', '#8a6d1d'];
const COMPONENT_COLORS = {
  cells: '#1d4f8c', adder_trees: '#2f78c0', psum_buffers: '#63a6e3', merger: '#9cc9f2', distributor: '#0f7f86', metadata: '#45b3ad',
  cell_writes: '#5b6fc0', gated_cells: '#aeb9d6', activation_buffer: '#2e7d3c', weight_buffer: '#66b35a', output_buffer: '#a9d695',
  interconnect: '#c9a227', dram: '#e0761c', host: '#8d57b8', leakage: '#8b9199'};
const OTHER_COLORS = ['#7a5c3e', '#c26a8b', '#5e8c6a', '#b5a642', '#6b7a99'];

/// What all names begin with, up to a dot.
function commonPrefix(names) {
  if (names.length < 2) return '';
  let prefix = names[0];
  for (const name of names) {
    while (!name.startsWith(prefix)) prefix = prefix.slice(0, -1);
  }
  return prefix.slice(0, prefix.lastIndexOf('.') + 1);
}

function runsOf(data) {
  const components = data.components.map((component, i) => ({...component, color: COMPONENT_COLORS[component.name] ?? OTHER_COLORS[i % OTHER_COLORS.length]}));
  const runs = data.folders.flatMap(folder => [folder.summary, ...folder.summary.also].map((simulation, index) => ({
    folder, index, simulation, summary: folder.summary,
    layers: simulation.layers.map((layer, i) => ({...layer, energies: folder.layer_energy_pj[index][i]})),
    power: folder.power[index], activity: folder.activity[index], timeline: index === 0 ? folder.timeline : undefined,
    traits: [simulation.fidelity, folder.summary.architecture, folder.summary.technology, folder.summary.sequencing],
  })));
  const differs = runs[0].traits.map((trait, i) => runs.some(run => run.traits[i] !== trait));
  for (const run of runs) run.label = [run.summary.scenario, ...run.traits.filter((_, i) => differs[i])].join(' · ');
  for (const run of runs) {
    run.twin = runs.some(other => other !== run && other.label === run.label);
  }
  runs.forEach((run, i) => {
    if (run.twin) run.label += ` · ${run.folder.folder}`;
    run.letter = i < 26 ? String.fromCharCode(65 + i) : `${i + 1}`;
    run.color = RUN_COLORS[i % RUN_COLORS.length];
  });
  const prefix = commonPrefix([...new Set(runs.flatMap(run => run.layers.map(layer => layer.name)))]);
  for (const run of runs) {
    for (const layer of run.layers) layer.short = layer.name.slice(prefix.length);
  }
  return {runs, components, prefix, columns: data.layer_columns, comparisonColumns: data.comparison_columns};
}

const MOST_LAYERS = 100;  // that plots show by name

/// Whether layers are called PART/NAME: phases of a generation, passes of steps.
const hasParts = run => Boolean(run.simulation.generation || run.simulation.steps);

/// What a run's layers are grouped by, for titles.
const groupsText = run => (run.simulation.steps ? 'pass and kind of layer' : run.simulation.generation ? 'phase and kind of layer' : run.layers.length > MOST_LAYERS ? 'kind of layer' : 'layer');

/// A run's layers as plots show them: of many those of one kind as one, with parts those of one kind and part.
function layerGroups(run) {
  const groups = new Map();
  for (const layer of run.layers) {
    const kind = layer.name.slice(layer.name.lastIndexOf('.') + 1);
    const name = hasParts(run) ? `${layer.name.slice(0, layer.name.indexOf('/'))} ${kind}` : run.layers.length > MOST_LAYERS ? kind : layer.short;
    let group = groups.get(name);
    if (!group) groups.set(name, group = {name, energies: layer.energies.map(() => 0), energy_pj: 0, cycles: 0, stall_cycles: 0});
    layer.energies.forEach((energy, i) => { group.energies[i] += energy; });
    for (const key of ['energy_pj', 'cycles', 'stall_cycles']) group[key] += layer[key];
  }
  return groups;
}

/// Of all runs, the names of at most `most` groups: those with the most of `key`, in their own order.
function largestGroups(all, key, most = 24) {
  const names = [...new Set(all.flatMap(groups => [...groups.keys()]))];
  const size = name => Math.max(...all.map(groups => groups.get(name)?.[key] ?? 0));
  const kept = new Set([...names].sort((a, b) => size(b) - size(a)).slice(0, most));
  return names.filter(name => kept.has(name));
}

/// The mark of a run in front of what is about it, where there are several.
const runMark = (run, runs) => runs.length > 1 ? element('span', {class: 'run', style: `background:${run.color}`, title: run.label}, run.letter) : null;
