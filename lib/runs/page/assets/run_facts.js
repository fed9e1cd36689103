// The config, the data, the machine, and how to reproduce the run.

// The words of a line that was typed in a shell, as it would split them.
function shellWords(line) {
  const found = [];
  let word = null, quote = false;
  for (const c of line) {
    if (c === "'") {
      quote = !quote;
      word ??= '';
    } else if (c === ' ' && !quote) {
      if (word !== null) found.push(word);
      word = null;
    } else {
      word = (word ?? '') + c;
    }
  }
  return word === null ? found : [...found, word];
}

const commands = data.log.filter((line) => line.startsWith('command: ')).map((line) => line.slice('command: '.length));

// The keys that command lines set instead of the experiment file.
function overriddenKeys() {
  const keys = new Set(), short = {'--epochs': 'train.epochs', '--seed': 'seed', '--weights': 'train.weights'};
  for (const command of commands) {
    const list = shellWords(command);
    list.forEach((word, i) => {
      const [option, value] = word.startsWith('--') && word.includes('=')
        ? [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)] : [word, list[i + 1] ?? ''];
      if (option === '--set') keys.add(value.split('=')[0]);
      if (option in short) keys.add(short[option]);
    });
  }
  return keys;
}

// What the log says of the last process that trained the run.
function begun() {
  const start = `${data.name}: `;
  const line = data.log.findLast((each) => each.startsWith(start) && each.includes(' samples to train on, '));
  const found = line && /^(.*); ([\d,]+) parameters; ([\d,]+) samples to train on, ([\d,]+) to validate/.exec(line.slice(start.length));
  if (!found) return {};
  return {machine: found[1], parameters: found[2], train: found[3], validation: found[4]};
}

// [["optimizer.lr", 0.1], ..]: lists of plain values are one value.
function leaves(value, key = '') {
  const isPlain = value === null || typeof value !== 'object' || Object.keys(value).length === 0 ||
    (Array.isArray(value) && value.every((each) => each === null || typeof each !== 'object'));
  if (isPlain) return [[key, value]];
  return Object.entries(value).flatMap(([name, child]) => leaves(child, key ? `${key}.${name}` : name));
}

function settingsTable(caption, value, key, overridden) {
  const isOverridden = (name) => [...overridden].some((each) => name === each || name.startsWith(`${each}.`));
  const rows = leaves(value, key).map(([name, setting]) => element('tr', {class: isOverridden(name) ? 'overridden' : null},
      element('th', {scope: 'row'}, name), element('td', null, element('code', null, settingText(setting)),
          isOverridden(name) ? element('span', {class: 'tag'}, 'command line') : null)));
  return element('details', {open: key !== 'model'}, element('summary', null, caption),
      element('div', {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption},
          element('table', {class: 'settings'}, element('thead', {class: 'hidden'}, element('tr', null,
              element('th', {scope: 'col'}, 'key'), element('th', {scope: 'col'}, 'value'))), element('tbody', null, rows))));
}

function configSection() {
  const overridden = overriddenKeys(), plain = {}, tables = [];
  for (const [key, value] of Object.entries(data.config)) {
    if (value === null || typeof value !== 'object') plain[key] = value;
    else tables.push(settingsTable(key, value, key, overridden));
  }
  return section('config', 'Configuration', element('p', {class: 'hint'}, overridden.size > 0
    ? 'All that was in effect, defaults included. Marked values come from the command line.'
    : 'All that was in effect, defaults included. The command line changed nothing.'),
  element('div', {class: 'settings-tables'}, settingsTable('run', plain, '', overridden), tables));
}

function fileList(set) {
  if (!set?.files) return null;
  const files = [].concat(set.files);
  const shown = files.slice(0, 5).map((file) => element('code', {class: 'file'}, file));
  return [...shown, files.length > 5 ? ` and ${files.length - 5} more` : ''];
}

function setFacts() {
  const {data: sets = {}} = data.config, log = begun();
  const patch = sets.patch;
  return [['Trained on', log.train && `${log.train} samples`], ['Training files', fileList(sets.train)],
    ['Validated on', log.validation && `${log.validation} samples`], ['Validation files', fileList(sets.validation)],
    ['Batch', sets.batch_size && `${sets.batch_size} samples`],
    ['Patches', patch && leaves(patch).map(([key, value]) => `${words(key)} ${settingText(value)}`).join(', ')],
    ['Normalized', sets.normalize && leaves(sets.normalize).map(([key, value]) => `${key} ${settingText(value)}`.trim()).join(', ')]];
}

function copied(command) {
  const button = element('button', {type: 'button', class: 'copy'}, 'copy');
  button.addEventListener('click', async () => {
    const selection = getSelection();
    selection.selectAllChildren(button.previousSibling);
    button.textContent = document.execCommand('copy') ? 'copied' : 'selected';
  });
  return element('div', {class: 'command'}, element('pre', {tabindex: 0}, element('code', null, command)), button);
}

const shellQuoted = (text) => (/^[\w+=.\/,:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

function factsSection() {
  const log = begun(), threads = /(\d+) threads?$/.exec(log.machine ?? '')?.[1];
  const folder = data.folder, warnings = data.log.filter((line) => line.startsWith('warning: '));
  const again = `lucid-train --config ${shellQuoted(`${folder}/config.json`)} --output ${shellQuoted(`${folder}-again`)}` +
    (threads ? ` --threads ${threads}` : '');
  section('data', 'Data', facts(setFacts()));
  section('machine', 'Machine and versions', facts([['Machine', log.machine], ['Parameters', log.parameters],
    ['Page written by', `lucid ${data.lucid}`]]));
  section('reproduce', 'Reproduce',
      commands.length > 0 ? [element('p', null, 'The run was trained by'), commands.map(copied)] : null,
      element('p', null, 'The same numbers once more, with the config in effect; with as many threads on such a machine to the bit:'),
      copied(again));
  if (warnings.length > 0)
    section('warnings', 'Warnings', element('ul', {class: 'warnings'},
        warnings.map((line) => element('li', null, line.slice('warning: '.length)))));
}
