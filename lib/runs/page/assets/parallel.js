// Parallel coordinates of runs, and a scatter of one column against the best value.

// A column is {name, values}: numbers, or texts that are placed by their order.
function columnScale(values, from, to) {
  const isNumeric = values.every((value) => typeof value === 'number' || value === null || value === undefined);
  if (!isNumeric) {
    const names = [...new Set(values.map(settingText))].sort((a, b) => compareValues(a, b));
    const place = (i) => (names.length === 1 ? (from + to) / 2 : from + i / (names.length - 1) * (to - from));
    const scale = (value) => place(names.indexOf(settingText(value)));
    scale.labels = names.map((name, i) => [name === '' ? 'none' : name, place(i)]);
    return scale;
  }
  const numbers = values.filter((value) => typeof value === 'number');
  const isLog = Math.min(...numbers) > 0 && Math.max(...numbers) / Math.min(...numbers) >= 20;
  const scale = makeScale(numbers, from, to, isLog, 5), distinct = [...new Set(numbers)];
  const ticks = distinct.length <= 6 ? distinct : scale.ticks;
  scale.labels = ticks.map((tick) => [settingText(Number(tick.toPrecision(4))), scale(tick)]);
  return scale;
}

// 0 for the worst run to 1 for the best, by rank: outliers do not hide the others.
function ranks(runs) {
  const order = runs.filter((run) => run.best !== null).sort((a, b) => (a.higher_is_better ? 1 : -1) * (a.best - b.best));
  return new Map(order.map((run, i) => [run, order.length === 1 ? 1 : i / (order.length - 1)]));
}

const shortText = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}\u2026` : text);

function drawColumn(drawing, column, x, box, isLast) {
  drawing.append(svg('line', {class: 'axis', x1: x, x2: x, y1: box.top, y2: box.bottom}),
      svg('text', {class: 'column', x, y: 14, 'text-anchor': isLast ? 'end' : 'start'}, shortText(column.name, 24)));
  for (const [text, y] of column.scale.labels)
    drawing.append(svg('text', {class: 'tick', x: x + (isLast ? -6 : 6), y: y + 4,
      'text-anchor': isLast ? 'end' : 'start'}, shortText(text, 16)));
}

function parallelChart(runs, columns, select) {
  const plot = element('div', {class: 'plot wide'});
  const byRank = ranks(runs), height = 280, box = {top: 28, bottom: height - 12};
  drawAtWidth(plot, (outer) => {
    const width = Math.max(outer, columns.length * 150);
    const drawing = svg('svg', {viewBox: `0 0 ${width} ${height}`, width, height, role: 'img',
      'aria-label': 'Hyper-parameters of the runs, a line a run'}, svg('title', null, 'Hyper-parameters of the runs, a line a run'));
    const place = (i) => 8 + i / Math.max(1, columns.length - 1) * (width - 16);
    for (const column of columns) column.scale = columnScale(column.values, box.bottom - 8, box.top + 8);
    const ordered = runs.map((run, i) => [run, i]).sort(([a], [b]) => (byRank.get(a) ?? -1) - (byRank.get(b) ?? -1));
    for (const [run, i] of ordered) {
      const places = columns.map((column, k) => {
        const value = column.values[i];
        return value === null || value === undefined ? null : `${place(k).toFixed(1)} ${column.scale(value).toFixed(1)}`;
      }).filter((each) => each);
      const line = svg('path', {class: 'run-line', d: `M${places.join('L')}`, 'data-run': run.run},
          svg('title', null, `${run.run}: ${numberText(run.best)}`));
      line.style.setProperty('--rank', `${(100 * (byRank.get(run) ?? 0)).toFixed(0)}%`);
      line.addEventListener('pointerenter', () => select(run));
      line.addEventListener('pointerleave', () => select(null));
      drawing.append(line);
    }
    columns.forEach((column, k) => drawColumn(drawing, column, place(k), box, k === columns.length - 1));
    plot.replaceChildren(drawing);
  });
  return element('figure', {class: 'chart wide'}, element('figcaption', null, element('h3', null, 'Parallel coordinates')),
      element('p', {class: 'hint'}, 'A line a run; the stronger its colour, the better its rank.'),
      element('div', {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Parallel coordinates'}, plot));
}

function scatterChart(runs, columns, monitor, select) {
  const plot = element('div', {class: 'plot'}), byRank = ranks(runs), height = 280;
  const choice = element('select', {id: 'scatter-column'}, columns.map((column, i) => element('option', {value: i}, column.name)));
  const best = runs.map((run) => run.best);
  const redraw = drawAtWidth(plot, (width) => {
    const column = columns[choice.value], box = {left: 56, right: width - 14, top: 10, bottom: height - 38};
    const y = makeScale(best, box.bottom, box.top, false, 5, 0.06);
    const x = columnScale(column.values, box.left + 10, box.right - 10);
    const title = `${monitor} over ${column.name}`;
    const drawing = svg('svg', {viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': title}, svg('title', null, title));
    drawAxes(drawing, box, Object.assign((value) => value, {ticks: []}), y, column.name);
    for (const [text, at] of x.labels)
      drawing.append(svg('text', {class: 'tick', x: at, y: box.bottom + 16, 'text-anchor': 'middle'}, shortText(text, 12)));
    runs.forEach((run, i) => {
      if (run.best === null || column.values[i] === null || column.values[i] === undefined) return;
      const dot = svg('circle', {class: 'run-dot', r: 5, cx: x(column.values[i]), cy: y(run.best), 'data-run': run.run},
          svg('title', null, `${run.run}: ${numberText(run.best)}`));
      dot.style.setProperty('--rank', `${(100 * (byRank.get(run) ?? 0)).toFixed(0)}%`);
      dot.addEventListener('pointerenter', () => select(run));
      dot.addEventListener('pointerleave', () => select(null));
      drawing.append(dot);
    });
    plot.replaceChildren(drawing);
  });
  choice.addEventListener('change', redraw);
  return element('figure', {class: 'chart wide'}, element('figcaption', null, element('h3', null, `Best ${monitor}`),
      element('label', {class: 'choice'}, 'over ', choice)), plot);
}
