// All the page does by itself: show how to repeat a cell, walk the matrix with arrow keys, hand out its records. Without
// it everything is still there to read.

export const SCRIPT = `
'use strict';
(() => {
  const panel = document.getElementById('replay');
  const show = (button) => {
    const command = './taco replay ' + button.dataset.replay;
    panel.hidden = false;
    panel.textContent = (button.dataset.what ? button.dataset.what + ': ' : '') + command + ' ';
    const copy = document.createElement('button');
    copy.type = 'button';
    copy.textContent = 'copy';
    copy.addEventListener('click', () => {
      if (navigator.clipboard) navigator.clipboard.writeText(command).then(() => { copy.textContent = 'copied'; }, () => {});
    });
    panel.append(copy);
  };
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-replay]');
    if (button) show(button);
  });
  const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  document.addEventListener('keydown', (event) => {
    const step = STEPS[event.key];
    const cell = event.target.closest('.matrix td');
    if (!step || !cell) return;
    const table = cell.closest('table');
    const row = table.rows[cell.parentElement.rowIndex + step[0]];
    const target = row && row.cells[cell.cellIndex + step[1]];
    const button = target && target.querySelector('button');
    if (button) { event.preventDefault(); button.focus(); }
  });
  const save = (name, type, text) => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = name;
    link.click();
  };
  document.getElementById('download-json').addEventListener('click', () => {
    save('argue.json', 'application/json', document.getElementById('records').textContent);
  });
  document.getElementById('download-figures').addEventListener('click', () => {
    for (const { name, svg } of JSON.parse(document.getElementById('figures').textContent)) save(name, 'image/svg+xml', svg);
  });
})();
`;
