// Curves and the table of epochs.
const kMachineColumns = ['seconds', 'samples_per_second', 'data_wait', 'bytes_read', 'bytes_decoded', 'cache_hits',
  'cache_misses'];

const isDefined = (column) => epochs[column]?.some((value) => value !== null);
const bestMark = bestAt < 0 ? null : {x: epochNumbers[bestAt], text: 'best'};

// Steps lie between the epochs by their numbers.
function stepSeries() {
  const {step, loss} = data.steps;
  if (step.length <= epochCount || epochCount === 0) return [];
  const perEpoch = epochs.step.at(-1) / epochNumbers.at(-1);
  return [{name: 'loss of a step', faint: true, points: step.map((each, i) => [each / perEpoch, loss[i]])}];
}

// {"dice": ["validation.dice", "validation.dice_1"], ..}: a metric with its parts of classes.
function metricGroups() {
  const names = Object.keys(epochs).filter((name) => name.startsWith('validation.') && isDefined(name))
      .map((name) => name.slice('validation.'.length)).filter((name) => name !== 'loss');
  const groups = new Map();
  for (const name of names) {
    const whole = /^(.+)_\d+$/.exec(name)?.[1];
    const group = whole && names.includes(whole) ? whole : name;
    groups.set(group, [...(groups.get(group) ?? []), name]);
  }
  return groups;
}

function lossChart() {
  const series = [];
  if (isDefined('train.loss')) series.push({name: 'training', points: pointsOf('train.loss')});
  if (isDefined('validation.loss')) series.push({name: 'validation', points: pointsOf('validation.loss')});
  return lineChart({title: 'Loss', series: [...series, ...stepSeries()], mark: bestMark, isTall: true});
}

function curvesSection() {
  if (epochCount === 0) return section('curves', 'Curves', element('p', null, 'No epoch is complete yet.'));
  const charts = [lossChart()];
  for (const [group, names] of metricGroups())
    charts.push(lineChart({title: group, mark: bestMark, series: names.map((name) => ({
      name: name === group ? name : `class ${name.slice(group.length + 1)}`,
      points: pointsOf(`validation.${name}`)}))}));
  charts.push(lineChart({title: 'Learning rate', series: [{name: 'lr', points: pointsOf('lr')}]}));
  return section('curves', 'Curves', element('p', {class: 'hint'},
      'Point at a chart, or focus it and use the arrow keys, to read values. The names above a chart show and hide its lines.'),
  element('div', {class: 'charts'}, charts));
}

function epochsSection() {
  if (epochCount === 0) return null;
  const rows = epochNumbers.map((_, i) => i);
  const shownFirst = ['epoch', 'step', 'train.loss'];
  const names = [...shownFirst, ...Object.keys(epochs).filter((name) => !shownFirst.includes(name) && name !== 'best')];
  const columns = names.map((name) => ({name, label: words(name), isDetail: kMachineColumns.includes(name),
    of: (row) => epochs[name][row],
    show: (value) => (name === 'lr' ? valueOf(value, shortSettingText) : valueOf(value))}));
  columns.push({name: 'best', of: (row) => (epochs.best[row] ? 'best' : ''), show: (value) => value});
  return section('epochs', 'Epochs', sortableTable('A row an epoch; rates and reading at its end', columns, rows,
      {id: 'epoch-table', rowClass: (row) => (row === bestAt ? 'best' : null)}));
}

function timeSection() {
  if (epochCount === 0) return null;
  const hits = sum(epochs.cache_hits ?? []), misses = sum(epochs.cache_misses ?? []);
  return section('time', 'Where time went', element('div', {class: 'charts'},
      lineChart({title: 'Seconds of an epoch', series: [{name: 'seconds', points: pointsOf('seconds')}]}),
      lineChart({title: 'Share of the time that waited for data',
        series: [{name: 'share', points: pointsOf('data_wait')}]})),
  facts([['Read from files', bytesText(sum(epochs.bytes_read ?? []))],
    ['Decoded', bytesText(sum(epochs.bytes_decoded ?? []))],
    ['Chunks found in memory', hits + misses > 0 ? shareText(hits / (hits + misses)) : null]]), profileTable());
}

// What lucid-train --profile measured, summed over the steps of each layer.
function profileTable() {
  if (!data.profile?.steps) return null;
  const layers = new Map();
  for (const {layer, step, direction, ms} of data.profile.steps) {
    const name = layer || step;
    const row = layers.get(name) ?? {name, forward: null, backward: null, ms: 0};
    if (layer) row[direction === 'forward' ? 'forward' : 'backward'] += ms;
    row.ms += ms;
    layers.set(name, row);
  }
  const total = sum([...layers.values()].map((row) => row.ms));
  return sortableTable(`Layers in ${data.profile.count} steps of ${data.profile.samples} samples, ms a step`, [
    {name: 'layer', of: (row) => row.name}, {name: 'forward', of: (row) => row.forward},
    {name: 'backward', of: (row) => row.backward}, {name: 'ms', label: 'together', of: (row) => row.ms},
    {name: 'share', of: (row) => row.ms / total, show: (value) => element('span', {class: 'bar-cell'},
        svg('svg', {class: 'bar', width: 80, height: 10, 'aria-hidden': 'true'},
            svg('rect', {width: Math.max(1, 80 * value), height: 10})), shareText(value))}],
  [...layers.values()], {id: 'profile-table', order: {name: 'ms', isUp: false}});
}
