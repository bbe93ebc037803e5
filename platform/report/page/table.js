// Tables that are sorted by a click on a header.

/// `columns`: {title, hint, key (of the row, to sort by; a function), text (of the row; the key if missing),
/// title_of (hint of a cell), left, prose (may break lines)}.
/// `options`: footer (cells' texts), most (rows that are shown until all are asked for), order (column, negative: falling).
function table(columns, rows, options = {}) {
  const body = element('tbody');
  const heads = columns.map((column, index) => element('th', {scope: 'col', title: column.hint, class: column.left ? 'left' : ''},
    element('button', {type: 'button', click: () => sort(index)}, column.title)));
  const most = options.most ?? 60;
  let sorted = [...rows];
  let all = rows.length <= most + 5;
  let by = null;
  const more = element('button', {type: 'button', class: 'more', click: () => { all = true; fill(); }}, `show all ${rows.length} rows`);

  function cell(column, row) {
    const content = column.text ? column.text(row) : column.key(row);
    return element('td', {class: column.prose ? 'left prose' : column.left ? 'left' : '', title: column.title_of?.(row)}, content);
  }
  function fill() {
    const shown = all ? sorted : sorted.slice(0, most);
    body.replaceChildren(...shown.map(row => element('tr', {class: options.mark?.(row) ?? ''}, columns.map(column => cell(column, row)))));
    more.hidden = all;
  }
  function sort(index) {
    const falling = by?.index === index ? !by.falling : typeof columns[index].key(rows[0]) === 'number';
    by = {index, falling};
    const key = columns[index].key;
    sorted = [...rows].sort((a, b) => {
      const [x, y] = [key(a), key(b)];
      const order = typeof x === 'number' && typeof y === 'number' ? x - y : String(x).localeCompare(String(y), 'en', {numeric: true});
      return falling ? -order : order;
    });
    heads.forEach((head, i) => {
      head.removeAttribute('aria-sort');
      if (i === index) head.setAttribute('aria-sort', falling ? 'descending' : 'ascending');
    });
    fill();
  }
  fill();
  return element('div', {class: 'scroll'},
    element('table', {id: options.id},
      element('thead', {}, element('tr', {}, heads)), body,
      options.footer ? element('tfoot', {}, element('tr', {}, options.footer.map((text, i) => element('td', {class: columns[i].left ? 'left' : ''}, text)))) : null),
    more);
}

/// A share as a number with a bar behind it.
function shareCell(share, color = 'var(--accent)') {
  return element('span', {class: 'share'}, element('i', {style: `width:${Math.max(0, Math.min(60, 60 * share)).toFixed(1)}px;background:${color}`}), percentText(share));
}
