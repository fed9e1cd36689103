// What a run's columns hold, and its summary.
const epochs = data.epochs, epochNumbers = epochs.epoch ?? [];
const epochCount = epochNumbers.length;
const sum = (values) => values.reduce((total, value) => total + (value ?? 0), 0);

// The place of the best epoch so far, or -1.
const bestAt = (epochs.best ?? []).lastIndexOf(true);
const monitored = data.monitor;
const bestValue = bestAt < 0 ? null : epochs[monitored]?.[bestAt];

const pointsOf = (column) => epochNumbers.map((epoch, i) => [epoch, epochs[column][i]]);

function tile(name, value, more) {
  return element('div', {class: 'tile'}, element('dt', null, name), element('dd', null, value,
      more ? element('small', null, more) : null));
}

function summaryTiles() {
  const seconds = sum(epochs.seconds ?? []), rates = epochs.samples_per_second ?? [];
  const waited = sum((epochs.seconds ?? []).map((each, i) => each * (epochs.data_wait[i] ?? 0)));
  const tiles = [tile('Epochs', numberText(epochCount === 0 ? 0 : epochNumbers.at(-1)), `of ${data.planned_epochs}`)];
  if (bestAt >= 0) {
    const better = data.higher_is_better ? 'highest' : 'lowest';
    tiles.unshift(tile(`Best ${monitored}`, valueOf(bestValue), `${better}, in epoch ${epochNumbers[bestAt]}`));
  }
  if (epochCount > 0)
    tiles.push(tile('Time', durationText(seconds), `${durationText(seconds / epochCount)} an epoch`),
        tile('Rate', rates.at(-1) < 100 ? rates.at(-1).toFixed(1) : numberText(Math.round(rates.at(-1))), 'samples/s in the last epoch'),
        tile('Waited for data', shareText(seconds > 0 ? waited / seconds : 0), 'of the time'));
  return element('dl', {class: 'tiles'}, tiles);
}

function header() {
  const hint = data.state === 'running' ? 'The page is written again after each epoch; reload it to see more.' : null;
  return element('header', null, element('p', {class: 'kind'}, 'Training run'),
      element('h1', null, data.name, ' ', stateBadge(data.state)),
      element('p', {class: 'folder'}, element('code', null, data.folder)),
      data.message ? element('p', {class: 'message', role: 'note'}, data.message) : null, summaryTiles(),
      hint ? element('p', {class: 'hint'}, hint) : null);
}
