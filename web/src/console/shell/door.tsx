import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { LANGUAGES, type Language, language, t } from '../i18n'
import { Logo } from './logo'

/** The page of whoever is not inside: one thing to do, in the middle. */
export function Door({ title, children }: { title: string; children: ComponentChildren }) {
  useEffect(() => {
    document.title = `${title} · ${t().common.brand}`
  }, [title])
  return (
    <main class="door">
      <div class="door-card">
        <Logo />
        <h1>{title}</h1>
        {children}
      </div>
      <p class="door-languages">
        {(Object.keys(LANGUAGES) as Language[]).map((tag) => (
          <button type="button" class="link" lang={tag} aria-pressed={tag === language.value}
            onClick={() => (language.value = tag)}>{LANGUAGES[tag]}</button>
        ))}
      </p>
    </main>
  )
}
