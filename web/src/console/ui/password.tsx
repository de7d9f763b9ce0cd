import { useState } from 'preact/hooks'
import { Eye, EyeOff } from './icons'
import { t } from '../i18n'
import type { FieldParts } from './field'

interface PasswordProps {
  parts: FieldParts
  value: string
  onValue: (value: string) => void
  autocomplete: 'current-password' | 'new-password'
}

/** A password that can be looked at while it is typed. */
export function Password({ parts, value, onValue, autocomplete }: PasswordProps) {
  const [shown, setShown] = useState(false)
  return (
    <span class="with-button">
      <input {...parts} type={(shown ? 'text' : 'password') as 'password'} value={value} autocomplete={autocomplete}
        spellcheck={false} autocapitalize="off" onInput={(event) => onValue(event.currentTarget.value)} />
      <button type="button" class="icon" aria-pressed={shown} aria-label={shown ? t().signin.hide : t().signin.show}
        onClick={() => setShown(!shown)}>{shown ? <EyeOff /> : <Eye />}</button>
    </span>
  )
}
