import { useRef } from 'preact/hooks'
import { ask } from '../../../api'
import { useMessageForm } from '../../../forms/message'
import { t } from '../../../i18n'
import { nameOf } from '../../../people'
import { FormDialog } from '../../../ui/dialog'
import { useSending } from '../../../ui/form'
import { toast } from '../../../ui/toast'
import type { Account } from '../data'

export function NotifyDialog({ account, onClose }: { account: Account; onClose: () => void }) {
  const form = useMessageForm()
  const sending = useSending()
  const words = t().notifyDialog
  const sent = useRef<{ message: string; key: string } | undefined>(undefined)
  const wanted = account.notifications.find(({ code }) => code === form.code)?.status
  const submit = () => {
    const message = form.check()
    if (!message) return
    // The same message again after an error is the same act.
    const text = JSON.stringify(message)
    if (sent.current?.message !== text) sent.current = { message: text, key: crypto.randomUUID() }
    const { key } = sent.current
    let delivered: boolean | undefined
    const run = async () => ({ delivered } = await ask('/api/user/notification/', { user_id: account.id, ...message }, { once: key }))
    void sending.send(run, () => {
      onClose()
      toast(delivered === false ? words.undelivered : words.sent)
    })
  }
  return (
    <FormDialog title={words.title(nameOf(account))} submit={words.submit} onSubmit={submit} onClose={onClose} busy={sending.busy}>
      {form.fields(<p class={wanted === false ? 'note warm' : 'note'} role="status">{form.code ? (wanted ? words.on : words.off) : words.none}</p>)}
      {sending.trouble && <p class="note bad" role="alert">{sending.trouble}</p>}
    </FormDialog>
  )
}
