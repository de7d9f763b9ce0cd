import { useSignal } from '@preact/signals'
import { useLocation } from 'wouter-preact'
import { ask } from '../../api'
import { t } from '../../i18n'
import { Problem } from '../../problem'
import { refresh } from '../../session'
import { Door } from '../../shell/door'
import { Field } from '../../ui/field'
import { useSending } from '../../ui/form'
import { Password } from '../../ui/password'

/** Behind the # it is sent to nobody but in the request that uses it. */
const token = () => location.hash.slice(1)

function useFirstAccount(onUsed: () => void) {
  const [, navigate] = useLocation()
  const username = useSignal('')
  const email = useSignal('')
  const password = useSignal('')
  const repeat = useSignal('')
  const mismatch = useSignal(false)
  const sending = useSending(['username', 'email', 'password'])
  const make = async () => {
    try {
      await ask('/api/action/setup/', {
        token: token(), username: username.value.trim(), email: email.value.trim(), password: password.value, password_confirm: repeat.value,
      })
    } catch (problem) {
      if (problem instanceof Problem && problem.code === 'permission_denied') return onUsed()
      throw problem
    }
    await refresh()
    navigate('/', { replace: true })
  }
  const submit = (event: Event) => {
    event.preventDefault()
    mismatch.value = password.value !== repeat.value
    if (!mismatch.value && !sending.busy) void sending.send(make, () => undefined)
  }
  return { username, email, password, repeat, mismatch, sending, submit }
}

function FirstAccount({ onUsed }: { onUsed: () => void }) {
  const { username, email, password, repeat, mismatch, sending, submit } = useFirstAccount(onUsed)
  const words = t().setup
  return (
    <Door title={words.title}>
      <p>{words.lead}</p>
      <form noValidate onSubmit={submit}>
        <Field label={words.username} error={sending.error('username')}>{(parts) => (
          <input {...parts} value={username} autocomplete="username" spellcheck={false} autocapitalize="off"
            onInput={(event) => (username.value = event.currentTarget.value)} />
        )}</Field>
        <Field label={words.email} error={sending.error('email')}>{(parts) => (
          <input {...parts} type="email" value={email} autocomplete="email" onInput={(event) => (email.value = event.currentTarget.value)} />
        )}</Field>
        <Field label={words.password} error={sending.error('password')}>{(parts) => (
          <Password parts={parts} value={password.value} onValue={(value) => (password.value = value)} autocomplete="new-password" />
        )}</Field>
        <Field label={words.repeat} error={mismatch.value ? words.mismatch : undefined}>{(parts) => (
          <Password parts={parts} value={repeat.value} onValue={(value) => (repeat.value = value)} autocomplete="new-password" />
        )}</Field>
        {sending.trouble && <p class="note bad" role="alert">{sending.trouble}</p>}
        <button type="submit" class="primary wide" aria-disabled={sending.busy}>{words.submit}</button>
      </form>
    </Door>
  )
}

/** Makes the first superuser, with the link that the server printed. */
export function SetupPage() {
  const used = useSignal(false)
  const words = t().setup
  if (used.value) return <Door title={words.used}><p>{words.usedHint}</p></Door>
  if (!token()) return <Door title={words.noToken}><p>{words.noTokenHint}</p></Door>
  return <FirstAccount onUsed={() => (used.value = true)} />
}
