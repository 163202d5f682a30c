// Adds a button beside each command. Without it a click selects the whole command.
for (const command of document.querySelectorAll('.command')) {
  const text = command.querySelector('pre');
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Copy';
  button.setAttribute('aria-label', 'Copy: ' + command.querySelector('p').textContent);
  button.addEventListener('click', async () => {
    let copied = false;
    if (navigator.clipboard) {
      copied = await navigator.clipboard.writeText(text.textContent).then(() => true, () => false);
    }
    if (!copied) {
      getSelection().selectAllChildren(text);
      copied = document.execCommand('copy');
    }
    button.textContent = copied ? 'Copied' : 'Press Ctrl+C';
  });
  command.append(button);
}
