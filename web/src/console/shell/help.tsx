import { signal } from '@preact/signals'
import { t } from '../i18n'
import { Dialog } from '../ui/dialog'
import { type Shortcut, shortcuts, singleKeys } from '../ui/keys'

export const helpOpen = signal(false)

const MOD = /Mac|iP/.test(navigator.platform) ? '⌘' : 'Ctrl'
const NAMES: Record<string, string> = { mod: MOD, Enter: '↵', Escape: 'Esc', ArrowUp: '↑', ArrowDown: '↓' }

/** A shortcut as the keys are labelled. */
export function Keys({ keys }: { keys: string }) {
  const words = keys.split(' ')
  return (
    <span class="keys">
      {words.map((word, index) => (
        <>
          {index > 0 && <span class="soft"> {t().help.then} </span>}
          {word.split('+').map((key) => <kbd>{NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key)}</kbd>)}
        </>
      ))}
    </span>
  )
}

function Group({ title, items }: { title: string; items: Shortcut[] }) {
  if (!items.length) return null
  return (
    <section>
      <h3>{title}</h3>
      <dl class="shortcuts">
        {items.map(({ keys, label }) => <div key={keys + label}><dt>{label}</dt><dd><Keys keys={keys} /></dd></div>)}
      </dl>
    </section>
  )
}

export function Help() {
  if (!helpOpen.value) return null
  const words = t().help
  const all = shortcuts.value
  return (
    <Dialog title={words.title} onClose={() => (helpOpen.value = false)}>
      <Group title={words.here} items={all.filter(({ everywhere }) => !everywhere)} />
      <Group title={words.everywhere} items={all.filter(({ everywhere }) => everywhere)} />
      <label class="check">
        <input type="checkbox" checked={singleKeys.value === 'on'}
          onChange={(event) => (singleKeys.value = event.currentTarget.checked ? 'on' : 'off')} />
        <span>{words.toggle}<span class="hint">{words.toggleHint}</span></span>
      </label>
    </Dialog>
  )
}
