// A chart of lines over epochs:
// lineChart({title, xLabel, series: [{name, points: [[x, y], ..], faint}], mark: {x, text}}).
// Hovering and the arrow keys read values; buttons of the legend hide series.
const kColors = 8, kDashes = ['', '7 4', '2 3', '9 3 2 3'];

// Colours repeat after some series, with another dash: no two look the same soon.
const lineLook = (index, isFaint) => ({
  class: `line c${index % kColors}${isFaint ? ' faint' : ''}`,
  'stroke-dasharray': kDashes[Math.floor(index / kColors) % kDashes.length] || null,
});

function pathText(points, x, y) {
  let text = '', isPen = false;
  for (const [at, value] of points) {
    if (!y.shows(value)) {
      isPen = false;
      continue;
    }
    text += `${isPen ? 'L' : 'M'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
    isPen = true;
  }
  return text;
}

function legendButton(each, index, toggle) {
  const sample = svg('svg', {width: 22, height: 10, 'aria-hidden': 'true'},
      svg('line', {...lineLook(index, each.faint), x1: 1, x2: 21, y1: 5, y2: 5}));
  const button = element('button', {type: 'button', class: 'legend', 'aria-pressed': 'true',
    title: `Show or hide ${each.name}`}, sample, each.name);
  button.addEventListener('click', () => {
    const isShown = button.getAttribute('aria-pressed') !== 'true';
    button.setAttribute('aria-pressed', String(isShown));
    toggle(isShown);
  });
  return button;
}

class LineChart {
  constructor({title, xLabel = 'epoch', series, mark = null, isLog = false, isTall = false}) {
    Object.assign(this, {title, xLabel, mark, isLog, height: isTall ? 340 : 230});
    this.series = series.map((each) => ({...each, isShown: true}));
    this.places = [...new Set(this.series.filter((each) => !each.faint)
        .flatMap((each) => each.points.map(([x]) => x)))].sort((a, b) => a - b);
    this.at = -1;
    this.readout = element('output', {class: 'readout', 'aria-live': 'polite'}, '\u00a0');
    this.plot = element('div', {class: 'plot', tabindex: 0, role: 'slider', 'aria-label': `${title}: values`,
      'aria-orientation': 'horizontal', 'aria-valuemin': this.places[0] ?? 0,
      'aria-valuemax': this.places.at(-1) ?? 0, 'aria-valuenow': this.places.at(-1) ?? 0,
      onpointermove: (event) => this.hover(event), onpointerleave: () => this.read(-1),
      onblur: () => this.read(-1), onkeydown: (event) => this.key(event)});
    this.redraw = drawAtWidth(this.plot, (width) => this.draw(width));
    this.node = element('figure', {class: 'chart'},
        element('figcaption', null, element('h3', null, title), this.scaleButton()), this.legend(), this.plot,
        this.readout);
  }

  legend() {
    if (this.series.length < 2) return null;
    return element('div', {class: 'legends', role: 'group', 'aria-label': `Series of ${this.title}`},
        this.series.map((each, index) => legendButton(each, index, (isShown) => {
          each.isShown = isShown;
          this.redraw();
        })));
  }

  scaleButton() {
    const values = this.series.flatMap((each) => each.points.map(([, y]) => y));
    if (!values.some((value) => value > 0) || values.some((value) => value < 0)) return null;
    return element('button', {type: 'button', class: 'scale', 'aria-pressed': String(this.isLog),
      title: 'Logarithmic scale', onclick: (event) => {
        this.isLog = !this.isLog;
        event.currentTarget.setAttribute('aria-pressed', String(this.isLog));
        this.redraw();
      }}, 'log');
  }

  draw(width) {
    const shown = this.series.filter((each) => each.isShown);
    const box = this.box = {left: 52, right: width - 10, top: this.mark ? 20 : 10, bottom: this.height - 38};
    const ys = shown.flatMap((each) => each.points.map(([, y]) => y));
    const xs = this.series.flatMap((each) => each.points.map(([x]) => x));
    const x = this.x = makeScale(xs, box.left, box.right, false, Math.min(10, (width - 60) / 50));
    const y = this.y = makeScale(ys, box.bottom, box.top, this.isLog, 5);
    x.ticks = x.ticks.filter((tick) => Number.isInteger(tick));
    this.drawing = svg('svg', {viewBox: `0 0 ${width} ${this.height}`, role: 'img', 'aria-label': this.title},
        svg('title', null, this.title));
    drawAxes(this.drawing, box, x, y, this.xLabel);
    this.series.forEach((each, index) => {
      if (each.isShown) this.drawSeries(each, index);
    });
    if (this.mark) this.drawMark();
    this.cursor = svg('g', {class: 'cursor'});
    this.drawing.append(this.cursor);
    this.plot.replaceChildren(this.drawing);
  }

  drawSeries(each, index) {
    this.drawing.append(svg('path', {...lineLook(index, each.faint), 'data-series': each.name, d: pathText(each.points, this.x, this.y)}));
    const seen = each.points.filter(([, y]) => this.y.shows(y));
    if (seen.length === 1)
      this.drawing.append(svg('circle', {class: `dot c${index % kColors}`, r: 3, cx: this.x(seen[0][0]),
        cy: this.y(seen[0][1])}));
  }

  drawMark() {
    const at = this.x(this.mark.x), isLate = at > (this.box.left + this.box.right) / 2;
    this.drawing.append(svg('line', {class: 'mark', x1: at, x2: at, y1: this.box.top, y2: this.box.bottom}),
        svg('text', {class: 'tick', x: at + (isLate ? 3 : -3), y: this.box.top - 6,
          'text-anchor': isLate ? 'end' : 'start'}, this.mark.text));
  }

  hover(event) {
    const left = this.plot.getBoundingClientRect().left;
    let nearest = -1;
    this.places.forEach((place, i) => {
      const distance = Math.abs(this.x(place) - (event.clientX - left));
      if (nearest < 0 || distance < Math.abs(this.x(this.places[nearest]) - (event.clientX - left))) nearest = i;
    });
    this.read(nearest);
  }

  key(event) {
    const last = this.places.length - 1, page = Math.max(1, Math.round(last / 10));
    const moves = {ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: page, PageDown: -page,
      Home: -Infinity, End: Infinity};
    if (event.key === 'Escape') this.read(-1);
    if (!(event.key in moves) || last < 0) return;
    event.preventDefault();
    const from = this.at < 0 ? (moves[event.key] > 0 ? -1 : last + 1) : this.at;
    this.read(Math.min(last, Math.max(0, from + moves[event.key])));
  }

  // Shows the values at a place, or none for -1.
  read(at) {
    this.at = at;
    if (!this.cursor) return;
    this.cursor.replaceChildren();
    this.readout.replaceChildren('\u00a0');
    if (at < 0) return;
    const place = this.places[at], parts = [];
    this.cursor.append(svg('line', {class: 'hair', x1: this.x(place), x2: this.x(place), y1: this.box.top,
      y2: this.box.bottom}));
    this.series.forEach((each, index) => {
      const point = each.isShown && !each.faint ? each.points.find(([x]) => x === place) : null;
      if (!point) return;
      parts.push({name: each.name, value: point[1], index});
      if (this.y.shows(point[1]))
        this.cursor.append(svg('circle', {class: `dot c${index % kColors}`, r: 3.5, cx: this.x(place),
          cy: this.y(point[1])}));
    });
    this.readout.replaceChildren(element('b', null, `${this.xLabel} ${place}`), ...parts.map((part) =>
      element('span', {class: `reading c${part.index % kColors}`}, `${part.name} `,
          element('b', null, numberText(part.value)))));
    this.plot.setAttribute('aria-valuenow', place);
    this.plot.setAttribute('aria-valuetext', `${this.xLabel} ${place}: ` +
        parts.map((part) => `${part.name} ${numberText(part.value)}`).join(', '));
  }
}

const lineChart = (options) => new LineChart(options).node;
