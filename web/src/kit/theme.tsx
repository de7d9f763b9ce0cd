import { effect, signal } from '@preact/signals'

export type Theme = 'auto' | 'light' | 'dark'
const NEXT: Record<Theme, Theme> = { auto: 'light', light: 'dark', dark: 'auto' }
const KEY = 'theme'

function stored(): Theme {
  try {
    const value = localStorage.getItem(KEY)
    return value === 'light' || value === 'dark' ? value : 'auto'
  } catch {
    return 'auto' // storage may be switched off
  }
}

export const theme = signal<Theme>(stored())

effect(() => {
  document.documentElement.dataset['theme'] = theme.value
  try {
    localStorage.setItem(KEY, theme.value)
  } catch {
    return // then it lasts as long as the page
  }
})

const nextTheme = () => (theme.value = NEXT[theme.value])

export function ThemeButton() {
  return <button type="button" class="quiet" onClick={nextTheme}>Theme: {theme.value}</button>
}
