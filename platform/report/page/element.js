// Elements of the page. Text of the data becomes text nodes and nothing else.

/// element('p', {class: 'note', title: 'x'}, 'text', child, [children], null)
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(name, value);
    else if (value !== undefined && value !== false) made.setAttribute(name, value);
  }
  made.append(...children.flat(2).filter(child => child !== null && child !== undefined && child !== false));
  return made;
}

/// Makes a canvas as wide as what it stands in, and as sharp as the screen. Returns that width, 0 while it is not shown.
function fitCanvas(canvas, height) {
  const width = canvas.parentElement?.clientWidth ?? 0;
  if (width === 0) return 0;
  const scale = devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.style.height = `${height}px`;
  canvas.getContext('2d').setTransform(scale, 0, 0, scale, 0, 0);
  return width;
}

const note = (...children) => element('p', {class: 'note'}, ...children);

/// A list to choose from: `choices` are [value, text] with whole numbers for values; `act(value)` of the one that is chosen.
function choice(name, choices, chosen, act) {
  return element('label', {}, `${name} `,
    element('select', {'aria-label': name, change: event => act(Number(event.target.value))},
      choices.map(([value, text]) => element('option', {value, selected: value === chosen ? '' : undefined}, text))));
}

/// The one box that follows the mouse: a title and rows of name and value.
const tooltip = {
  box: null,
  show(title, rows, x, y) {
    if (!this.box) {
      this.box = element('div', {class: 'tooltip', role: 'status'});
      document.body.append(this.box);
    }
    this.box.replaceChildren(
      element('strong', {}, title),
      ...rows.map(([name, value, color]) => element('div', {},
        element('span', {}, color ? element('i', {style: `background:${color}`}) : null, name), element('span', {}, value))));
    this.box.hidden = false;
    const {width, height} = this.box.getBoundingClientRect();
    this.box.style.left = `${Math.max(4, Math.min(x + 14, innerWidth - width - 8))}px`;
    this.box.style.top = `${Math.max(4, y + 16 + height > innerHeight ? y - height - 10 : y + 16)}px`;
  },
  hide() {
    if (this.box) this.box.hidden = true;
  },
};

function save(name, blob) {
  const link = element('a', {href: URL.createObjectURL(blob), download: name});
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
