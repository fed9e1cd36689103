// A line may end behind the points of a name.
const breakable = (name) => name.split('.').flatMap((part, i) => (i === 0 ? [part] : [element('wbr'), `.${part}`]));

// Tables whose columns can be sorted:
// sortableTable(caption, columns: [{name, label, of: row => value, show: (value, row) => node}], rows).
function compareValues(a, b) {
  const isMissing = (value) => value === null || value === undefined || value === '';
  if (isMissing(a) || isMissing(b)) return isMissing(a) - isMissing(b);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), 'en', {numeric: true});
}

class SortableTable {
  constructor(caption, columns, rows, {id, order, rowClass} = {}) {
    Object.assign(this, {columns, rows, rowClass});
    this.isUp = true;
    this.heads = columns.map((column) => element('th', {scope: 'col', class: this.kind(column)},
        element('button', {type: 'button', class: 'sort', onclick: () => this.sort(column)},
            breakable(column.label ?? column.name))));
    this.body = element('tbody');
    const table = element('table', {id, class: 'sortable'}, element('caption', null, caption),
        element('thead', null, element('tr', null, this.heads)), this.body);
    this.node = element('div', {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption}, table);
    if (order) this.sort(columns.find((column) => column.name === order.name), order.isUp);
    else this.show();
  }

  kind(column) {
    const kind = this.rows.some((row) => typeof column.of(row) === 'number') ? 'number' : '';
    return `${kind} ${column.isDetail ? 'detail' : ''}`.trim() || null;
  }

  sort(column, isUp = this.by === column ? !this.isUp : true) {
    this.by = column;
    this.isUp = isUp;
    const sign = isUp ? 1 : -1;
    this.rows = [...this.rows].sort((a, b) => {
      const [x, y] = [column.of(a), column.of(b)];
      const isMissing = (value) => value === null || value === undefined;
      return isMissing(x) || isMissing(y) ? compareValues(x, y) : sign * compareValues(x, y);
    });
    this.columns.forEach((each, i) => {
      if (each === column) this.heads[i].setAttribute('aria-sort', isUp ? 'ascending' : 'descending');
      else this.heads[i].removeAttribute('aria-sort');
    });
    this.show();
  }

  show() {
    const cell = (column, row, isFirst) => {
      const value = column.of(row);
      const content = column.show ? column.show(value, row) : valueOf(value);
      return element(isFirst ? 'th' : 'td', {scope: isFirst ? 'row' : null, class: this.kinds?.get(column)}, content);
    };
    this.kinds ??= new Map(this.columns.map((column) => [column, this.kind(column)]));
    this.body.replaceChildren(...this.rows.map((row) => element('tr', {class: this.rowClass?.(row)},
        this.columns.map((column, i) => cell(column, row, i === 0)))));
  }
}

const sortableTable = (...options) => new SortableTable(...options).node;

// Names and what they stand for.
function facts(list) {
  return element('dl', {class: 'facts'}, list.filter(([, value]) => value !== null && value !== undefined && value !== '')
      .map(([name, value]) => element('div', null, element('dt', null, name), element('dd', null, value))));
}
