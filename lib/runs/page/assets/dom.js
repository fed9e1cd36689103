// Elements and texts. Whatever comes from users becomes a text node or an attribute, never markup.
const data = JSON.parse(document.getElementById('data').textContent);

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  for (const child of children.flat(Infinity)) if (child !== null && child !== undefined) node.append(child);
  return node;
}

function element(name, attributes, ...children) {
  return fill(document.createElement(name), attributes, children);
}

function svg(name, attributes, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);
}

const minus = (text) => text.replace('-', '\u2212');

// A number as people read it; `null` is a value that is not defined.
function numberText(value) {
  if (value === null || value === undefined) return 'undefined';
  if (typeof value !== 'number') return String(value);
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e15) return minus(value.toLocaleString('en-US'));
  if (size >= 1e6 || size < 1e-3) return minus(value.toExponential(2));
  return minus(size >= 1000 ? value.toFixed(1) : value.toFixed(4));
}

// The same for values that are chosen, as a learning rate: all of their digits.
function settingText(value) {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return minus(String(value));
  return value === undefined ? '' : JSON.stringify(value);
}

const shortSettingText = (value) => (typeof value === 'number' ? settingText(Number(value.toPrecision(4))) : settingText(value));

const shareText = (value) => `${(100 * value).toFixed(1)} %`;

function durationText(seconds) {
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const two = (n) => String(n).padStart(2, '0');
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${two(whole % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

function bytesText(bytes) {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  for (; bytes >= 1024 && unit + 1 < units.length; ++unit) bytes /= 1024;
  return `${unit === 0 ? bytes : bytes.toFixed(1)} ${units[unit]}`;
}

// "early_stopping" as words.
const words = (name) => name.replaceAll('_', ' ');

// A number with its exact value beside the text that is shown.
function valueOf(value, text = numberText) {
  if (typeof value !== 'number') return value === null || value === undefined ? '\u2013' : text(value);
  return element('data', {value: String(value)}, text(value));
}

// Sections in the order of the page, and the links to them at its top.
const sections = [];
function section(id, title, ...content) {
  const node = element('section', {id, 'aria-labelledby': `${id}-title`},
      element('h2', {id: `${id}-title`}, title), ...content);
  sections.push({id, title, node});
  return node;
}

// What is drawn once the page has its width.
const firstDrawings = [];

function showPage(header) {
  const links = sections.map(({id, title}) => element('li', null, element('a', {href: `#${id}`}, title)));
  document.getElementById('page').replaceChildren(header,
      element('nav', {'aria-label': 'Sections'}, element('ul', null, links)),
      ...sections.map(({node}) => node),
      element('footer', null, `Written by lucid ${data.lucid}.`));
  for (const draw of firstDrawings) draw();
}

const stateBadge = (state) => element('span', {class: `state ${state}`}, words(state));
