// Scales and axes of charts.

// Steps of 1, 2 or 5 times a power of ten, some `count` of them.
function linearTicks(low, high, count) {
  const rough = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough * 0.999);
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; ++i) ticks.push(i * step);
  return ticks;
}

function logTicks(low, high, count) {
  const first = Math.ceil(Math.log10(low) - 1e-9), last = Math.floor(Math.log10(high) + 1e-9);
  if (last - first < 1) return linearTicks(low, high, count).filter((tick) => tick > 0);
  const stride = Math.max(1, Math.ceil((last - first + 1) / count));
  const ticks = [];
  for (let power = first; power <= last; power += stride) ticks.push(10 ** power);
  return ticks;
}

// Maps values onto pixels. A range without extent becomes one around its value.
function makeScale(values, from, to, isLog, count, margin = 0) {
  let low = Infinity, high = -Infinity;
  for (const value of values) {
    if (value === null || (isLog && value <= 0)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) [low, high] = isLog ? [0.1, 1] : [0, 1];
  if (low === high) {
    const margin = low === 0 ? 1 : Math.abs(low) * 0.1;
    [low, high] = [low - margin, high + margin];
  }
  const place = isLog ? Math.log : (value) => value;
  const more = margin * (place(high) - place(low));
  const [a, b] = [place(low) - more, place(high) + more];
  const scale = (value) => from + (place(value) - a) / (b - a) * (to - from);
  scale.ticks = (isLog ? logTicks : linearTicks)(low, high, count);
  scale.shows = (value) => value !== null && value !== undefined && (!isLog || value > 0);
  return scale;
}

function tickText(value) {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-3) return minus(value.toExponential(0).replace('e+', 'e'));
  return minus(String(Number(value.toPrecision(6))));
}

// Horizontal lines with their values at the left, and values below.
function drawAxes(drawing, box, x, y, xLabel) {
  for (const tick of y.ticks) {
    const at = y(tick);
    drawing.append(svg('line', {class: 'grid', x1: box.left, x2: box.right, y1: at, y2: at}),
        svg('text', {class: 'tick', x: box.left - 6, y: at + 4, 'text-anchor': 'end'}, tickText(tick)));
  }
  drawing.append(svg('line', {class: 'axis', x1: box.left, x2: box.right, y1: box.bottom, y2: box.bottom}));
  for (const tick of x.ticks)
    drawing.append(svg('text', {class: 'tick', x: x(tick), y: box.bottom + 16, 'text-anchor': 'middle'},
        tickText(tick)));
  if (xLabel)
    drawing.append(svg('text', {class: 'tick', x: (box.left + box.right) / 2, y: box.bottom + 32,
      'text-anchor': 'middle'}, xLabel));
}

// Draws again whenever the width of the place changes, in pixels of the screen, so that letters
// keep their size. On paper the last drawing is scaled.
function drawAtWidth(place, draw) {
  let width = 0;
  const update = () => {
    const now = Math.round(place.getBoundingClientRect().width);
    if (now === width || now === 0) return;
    width = now;
    draw(width);
  };
  // A drawing within the observer's call would change sizes that it is just reporting.
  new ResizeObserver(() => requestAnimationFrame(update)).observe(place);
  firstDrawings.push(update);
  return () => {
    if (width > 0) draw(width);
  };
}
