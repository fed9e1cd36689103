// The page that compares runs.
const runs = data.runs;
const monitors = [...new Set(runs.map((run) => run.monitor))];
const monitorName = monitors.length === 1 ? monitors[0] : 'monitored value';
const isComparable = new Set(runs.map((run) => `${run.monitor} ${run.higher_is_better}`)).size === 1;
const bestRun = isComparable ? [...ranks(runs)].at(-1)?.[0] : null;
// Lines beyond so many are no longer told apart; the table sorts what the chart cannot.
const kMostLines = 24;

const pathOf = (run) => `./${run.run === '.' ? '' : `${run.run.split('/').map(encodeURIComponent).join('/')}/`}report.html`;

function runName(run) {
  return run.has_page ? element('a', {href: pathOf(run)}, run.run) : run.run;
}

// Shows which run of the table a line or dot is.
function select(run) {
  for (const row of document.querySelectorAll('#run-table tbody tr')) row.classList.remove('selected');
  if (run) rowOf.get(run)?.classList.add('selected');
}
const rowOf = {get: (run) => [...document.querySelectorAll('#run-table tbody tr')].find((row) => row.dataset.run === run.run)};

function runsTable() {
  const columns = [{name: 'run', of: (row) => row.run, show: (_, row) => runName(row)},
    {name: 'state', of: (row) => row.state, show: (value, row) => [stateBadge(value),
      row.message ? element('small', {class: 'message'}, row.message) : null]},
    {name: 'best', label: `best ${monitorName}`, of: (row) => row.best},
    {name: 'best_epoch', label: 'in epoch', of: (row) => row.best_epoch},
    {name: 'epoch', of: (row) => row.epoch, show: (value, row) => [valueOf(value), ` / ${row.planned_epochs}`]},
    {name: 'seconds', label: 'time', of: (row) => row.seconds, show: (value) => valueOf(value, durationText)}];
  if (monitors.length > 1) columns.splice(2, 0, {name: 'monitor', of: (row) => row.monitor});
  for (const {key, values} of data.parameters)
    columns.push({name: key, of: (row) => {
      const value = values[runs.indexOf(row)];
      return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
    }, show: (value) => (value === null ? '' : valueOf(value, settingText))});
  return new SortableTable('A row a run; the heads of columns sort', columns, runs,
      {id: 'run-table', order: {name: 'best', isUp: !runs[0].higher_is_better},
        rowClass: (row) => (row === bestRun ? 'best' : null)});
}

function curveCharts() {
  const ordered = [...runs].sort((a, b) => (ranks(runs).get(b) ?? -1) - (ranks(runs).get(a) ?? -1)).slice(0, kMostLines);
  const charts = data.curves.filter(({runs: curves}) => curves.some(({epoch}) => epoch.length > 0)).map(({name, runs: curves}) =>
    lineChart({title: name, isTall: true, series: ordered.map((run) => {
      const {epoch, value} = curves[runs.indexOf(run)];
      return {name: run.run, points: epoch.map((each, i) => [each, value[i]])};
    }).filter(({points}) => points.length > 0)}));
  const hint = runs.length > kMostLines ? `The best ${kMostLines} of ${runs.length} runs.` : 'The best run comes first.';
  return [element('p', {class: 'hint'}, hint), element('div', {class: 'charts single'}, charts)];
}

function summary() {
  const states = new Map();
  for (const run of runs) states.set(run.state, (states.get(run.state) ?? 0) + 1);
  const tiles = [['Runs', numberText(runs.length), [...states].map(([state, count]) => `${count} ${words(state)}`).join(', ')]];
  if (bestRun) tiles.unshift([`Best ${monitorName}`, valueOf(bestRun.best), bestRun.run]);
  const seconds = runs.reduce((total, run) => total + run.seconds, 0);
  tiles.push(['Time of all', durationText(seconds), `${durationText(seconds / runs.length)} a run`]);
  return element('dl', {class: 'tiles'}, tiles.map(([name, value, more]) => element('div', {class: 'tile'},
      element('dt', null, name), element('dd', null, value, element('small', null, more)))));
}

section('runs', 'Runs', runsTable().node);
const columns = data.parameters.filter(({values}) => new Set(values.map((value) => JSON.stringify(value))).size > 1)
    .map(({key, values}) => ({name: key, values}));
if (columns.length > 0 && runs.some((run) => run.best !== null)) {
  const all = [...columns.slice(0, 12), {name: monitorName, values: runs.map((run) => run.best)}];
  section('parameters', 'What differs', element('div', {class: 'charts single'},
      scatterChart(runs, columns, monitorName, select), parallelChart(runs, all, select)));
}
section('curves', 'Curves', curveCharts());
showPage(element('header', null, element('p', {class: 'kind'}, 'Comparison of training runs'),
    element('h1', null, `${runs.length} runs`), element('p', {class: 'folder'}, element('code', null, data.folder)), summary()));
