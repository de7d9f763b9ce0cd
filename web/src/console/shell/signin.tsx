import { useEffect, useRef, useState } from 'preact/hooks'
import { t } from '../i18n'
import { Problem } from '../problem'
import { signIn } from '../session'
import { Field } from '../ui/field'
import { Password } from '../ui/password'
import { describe } from '../ui/trouble'
import { Door } from './door'

function explain(problem: unknown): string {
  const words = t().signin
  if (problem instanceof Problem && problem.code === 'account_banned') return words.banned
  // A user name that cannot be one (field) is a wrong one, too.
  if (problem instanceof Problem && (problem.code === 'invalid_credentials' || problem.field)) return words.wrong
  return describe(problem)
}

export function SignIn({ why }: { why?: 'ended' | 'idle' | undefined }) {
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const [trouble, setTrouble] = useState('')
  const [busy, setBusy] = useState(false)
  const first = useRef<HTMLInputElement>(null)
  useEffect(() => first.current?.focus(), [])

  async function submit(event: Event) {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    setTrouble('')
    try {
      await signIn(username.trim(), password)
    } catch (problem) {
      setTrouble(explain(problem))
      setPassword('')
      setBusy(false)
    }
  }

  return (
    <Door title={t().signin.title}>
      {why && !trouble && <p class="note" role="status">{t().signin[why]}</p>}
      <form noValidate onSubmit={submit}>
        <Field label={t().signin.username}>{(parts) => (
          <input {...parts} ref={first} value={username} autocomplete="username" spellcheck={false} autocapitalize="off"
            onInput={(event) => setUsername(event.currentTarget.value)} />
        )}</Field>
        <Field label={t().signin.password}>{(parts) => (
          <Password parts={parts} value={password} onValue={setPassword} autocomplete="current-password" />
        )}</Field>
        {trouble && <p class="note bad" role="alert">{trouble}</p>}
        <button type="submit" class="primary wide" aria-disabled={busy}>{t().signin.submit}</button>
      </form>
    </Door>
  )
}
