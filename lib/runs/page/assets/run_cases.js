// Classes, cases, pictures and the confusion matrix.
function classTable() {
  if (bestAt < 0) return null;
  const metrics = [], classes = new Map();
  for (const [group, names] of metricGroups())
    for (const name of names) {
      if (name === group) continue;
      const number = Number(name.slice(group.length + 1));
      if (!metrics.includes(group)) metrics.push(group);
      classes.set(number, {...(classes.get(number) ?? {number}), [group]: epochs[`validation.${name}`][bestAt]});
    }
  if (classes.size === 0) return null;
  const columns = [{name: 'class', of: (row) => row.number},
    ...metrics.map((name) => ({name, label: words(name), of: (row) => row[name]}))];
  return sortableTable(`Classes in the best epoch, ${epochNumbers[bestAt]}`, columns, [...classes.values()],
      {id: 'class-table'});
}

function caseTable() {
  const cases = data.cases?.cases;
  if (!Array.isArray(cases) || cases.length === 0) return null;
  const names = [...new Set(cases.flatMap((each) => Object.keys(each)))];
  const columns = names.map((name) => ({name, label: words(name), of: (row) => row[name]}));
  const order = names.includes(data.cases.ranked_by) ? {name: data.cases.ranked_by,
    isUp: data.cases.ranked_by !== 'loss'} : null;
  return sortableTable(`Cases in epoch ${data.cases.epoch}, the worst first`, columns, cases, {id: 'case-table', order});
}

function picture(source, caption) {
  if (!source) return null;
  return element('figure', {class: 'picture'}, element('img', {src: source, alt: caption}),
      element('figcaption', null, caption));
}

function rankedPictures() {
  const pictures = (data.cases?.pictures ?? []).map((each) => {
    const row = (data.cases.cases ?? []).find((one) => one.case === each.case);
    const value = row?.[data.cases.ranked_by];
    const number = value === undefined ? '' : `, ${data.cases.ranked_by} ${numberText(value)}`;
    return picture(each.data, `${each.role}: ${each.case}${number}`);
  }).filter((each) => each);
  if (pictures.length === 0) return null;
  return element('div', null, element('h3', null, 'Worst, median and best case'),
      element('p', {class: 'hint'}, 'Image, truth and prediction side by side.'),
      element('div', {class: 'pictures'}, pictures));
}

function previewPictures() {
  const previews = [...data.previews].sort((a, b) => a.epoch - b.epoch || compareValues(a.case, b.case));
  if (previews.length === 0) return null;
  return element('div', null, element('h3', null, 'The same cases, epoch by epoch'), element('div', {class: 'pictures'},
      previews.map((each) => picture(each.data, `epoch ${each.epoch}: ${each.case}`))));
}

// Rows are what is there, columns what was predicted; the darker, the larger a share of its row.
function confusionTable() {
  const matrix = data.tables?.confusion;
  if (!Array.isArray(matrix)) return null;
  const heads = matrix.map((_, i) => element('th', {scope: 'col'}, String(i)));
  const rows = matrix.map((row, i) => {
    const total = sum(row);
    return element('tr', null, element('th', {scope: 'row'}, String(i)), row.map((count) => {
      const share = total > 0 ? count / total : 0;
      const cell = element('td', {class: share > 0.55 ? 'heat strong' : 'heat',
        title: `${shareText(share)} of class ${i}`}, valueOf(count));
      cell.style.setProperty('--share', `${(100 * share).toFixed(1)}%`);
      return cell;
    }));
  });
  return element('div', {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Confusion matrix'},
      element('table', {id: 'confusion-table', class: 'confusion'},
          element('caption', null, `Confusion in epoch ${data.tables.epoch}: rows are what is there, columns what was predicted`),
          element('thead', null, element('tr', null, element('th', {scope: 'col'}, 'class'), heads)),
          element('tbody', null, rows)));
}

function casesSection() {
  const parts = [rankedPictures(), previewPictures(), confusionTable(), classTable(), caseTable()].filter((part) => part);
  return parts.length === 0 ? null : section('cases', 'Classes and cases', parts);
}
