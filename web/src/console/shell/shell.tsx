import type { ComponentChildren } from 'preact'
import { Search } from '../ui/icons'
import { useLocation } from 'wouter-preact'
import { t } from '../i18n'
import { useShortcuts } from '../ui/keys'
import { AccountMenu } from './account'
import { Help, helpOpen, Keys } from './help'
import { Idle } from './idle'
import { Logo } from './logo'
import { Nav, PLACES } from './nav'
import { Palette, paletteOpen } from './palette'

function useGlobalShortcuts() {
  const [, navigate] = useLocation()
  const words = t()
  useShortcuts([
    { keys: 'mod+k', label: words.help.palette, everywhere: true, run: () => (paletteOpen.value = true) },
    ...PLACES.map(({ path, name, key }) => ({
      keys: `g ${key}`, label: words.help.goto(words.shell[name]), everywhere: true, run: () => navigate(path),
    })),
    { keys: '?', label: words.help.help, everywhere: true, run: () => (helpOpen.value = true) },
  ])
}

function PaletteButton() {
  return (
    <button type="button" class="palette-button" onClick={() => (paletteOpen.value = true)}>
      <Search /> <span class="grow">{t().shell.palette}</span> <Keys keys="mod+k" />
    </button>
  )
}

const skip = (event: Event) => {
  event.preventDefault()
  document.getElementById('main')?.focus()
}

/** The frame around every page. */
export function Shell({ children }: { children: ComponentChildren }) {
  useGlobalShortcuts()
  return (
    <div class="shell">
      <a class="skip" href="#main" onClick={skip}>{t().shell.skip}</a>
      <header class="side">
        <a class="brand" href="/console/"><Logo /> {t().common.brand}</a>
        <PaletteButton />
        <Nav />
        <AccountMenu side="up" />
      </header>
      <main id="main" tabIndex={-1}>{children}</main>
      <Help />
      <Palette />
      <Idle />
    </div>
  )
}
