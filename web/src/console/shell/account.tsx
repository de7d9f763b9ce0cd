import { BookOpen, ChevronsUpDown, Keyboard, LogOut, Monitor, UserRound } from '../ui/icons'
import { Link } from 'wouter-preact'
import { theme, type Theme } from '../../kit/theme'
import { LANGUAGES, type Language, language, t } from '../i18n'
import { me, signOut } from '../session'
import { Avatar } from '../ui/avatar'
import { Menu } from '../ui/menu'
import { helpOpen } from './help'

const THEMES: Theme[] = ['auto', 'light', 'dark']

function Settings() {
  return (
    <div class="menu-settings">
      <label>{t().shell.theme}
        <select value={theme.value} onChange={(event) => (theme.value = event.currentTarget.value as Theme)}>
          {THEMES.map((one) => <option value={one}>{t().shell.themes[one]}</option>)}
        </select>
      </label>
      <label>{t().shell.language}
        <select value={language.value} onChange={(event) => (language.value = event.currentTarget.value as Language)}>
          {(Object.keys(LANGUAGES) as Language[]).map((tag) => <option value={tag}>{LANGUAGES[tag]}</option>)}
        </select>
      </label>
    </div>
  )
}

/** Who is signed in, and what concerns them alone. */
export function AccountMenu({ side }: { side?: 'up' | 'left' }) {
  const who = me.value
  if (!who) return null
  const label = (
    <>
      <Avatar id={who.id} name={who.name} />
      <span class="account-name"><span class="unseen">{t().shell.profile}: </span><strong>{who.name}</strong>
        <span>{who.superuser ? t().shell.superuser : t().shell.staff}</span></span>
      <ChevronsUpDown />
    </>
  )
  return (
    <Menu label={label} class="account" {...(side ? { side } : {})}>{(close) => (
      <>
        <Link href={`/users/${who.id}`} onClick={close}><UserRound />{t().shell.profile}</Link>
        <button type="button" onClick={() => { close(); helpOpen.value = true }}><Keyboard />{t().shell.shortcuts}</button>
        <a href="/docs/" target="_blank" rel="noopener"><BookOpen />{t().shell.docs}</a>
        <hr />
        <Settings />
        <hr />
        <button type="button" onClick={() => void signOut()}><LogOut />{t().shell.signOut}</button>
        <button type="button" onClick={() => void signOut({ everywhere: true })}><Monitor />{t().shell.signOutEverywhere}</button>
      </>
    )}</Menu>
  )
}
