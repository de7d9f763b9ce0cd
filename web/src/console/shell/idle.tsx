/** Nobody there for a while: a warning, then the session is ended. All tabs of the browser count together. */
import { useEffect, useState } from 'preact/hooks'
import { t } from '../i18n'
import { signOut } from '../session'
import { recall, remember } from '../stored'
import { Dialog } from '../ui/dialog'

const IDLE_MS = 15 * 60_000
const WARNING_MS = 60_000
const KEY = 'active'
/** Use is written down no oftener than this. */
const GRAIN_MS = 5000

let lastHere = Date.now()

function used() {
  const now = Date.now()
  if (now - lastHere < GRAIN_MS) return
  lastHere = now
  remember(KEY, String(now))
}

const lastAnywhere = () => Math.max(lastHere, Number(recall(KEY) ?? 0))

/** Milliseconds until the session is ended. */
export const timeLeft = (now: number, last: number) => last + IDLE_MS - now

function useTimeLeft(): [number, () => void] {
  const [left, setLeft] = useState(IDLE_MS)
  useEffect(() => {
    lastHere = Date.now()
    remember(KEY, String(lastHere))
    const look = () => setLeft(timeLeft(Date.now(), lastAnywhere()))
    const timer = setInterval(look, 1000)
    document.addEventListener('visibilitychange', look) // timers sleep in a tab that is not seen
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', look)
    }
  }, [])
  const stay = () => {
    lastHere = 0
    used()
    setLeft(IDLE_MS)
  }
  return [left, stay]
}

export function Idle() {
  const [left, stay] = useTimeLeft()
  const warning = left <= WARNING_MS
  useEffect(() => {
    if (warning) return undefined // from now on only the button counts
    addEventListener('pointerdown', used)
    addEventListener('pointermove', used)
    addEventListener('keydown', used)
    return () => {
      removeEventListener('pointerdown', used)
      removeEventListener('pointermove', used)
      removeEventListener('keydown', used)
    }
  }, [warning])
  useEffect(() => {
    if (left <= 0) void signOut({ why: 'idle' })
  }, [left <= 0])
  if (!warning || left <= 0) return null
  return (
    <Dialog title={t().idle.title} onClose={stay}
      actions={<button type="button" class="primary" onClick={stay}>{t().idle.stay}</button>}>
      <p role="timer">{t().idle.text(Math.ceil(left / 1000))}</p>
    </Dialog>
  )
}
