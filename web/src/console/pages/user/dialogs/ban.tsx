import { ask } from '../../../api'
import { useBanForm } from '../../../forms/ban'
import { t } from '../../../i18n'
import { nameOf } from '../../../people'
import { FormDialog } from '../../../ui/dialog'
import { useSending } from '../../../ui/form'
import { toast } from '../../../ui/toast'
import type { Account } from '../data'
import { unban } from '../header'

export function BanDialog({ account, onClose }: { account: Account; onClose: () => void }) {
  const form = useBanForm()
  const sending = useSending()
  const words = t().banDialog
  const name = nameOf(account)
  const already = account.status === 'banned'
  const submit = () => {
    const ban = form.check()
    if (!ban) return
    void sending.send(() => ask('/api/user/status/ban/', { user_id: account.id, banned: true, ...ban }), () => {
      onClose()
      toast(t().user.isBanned(name), already ? undefined : () => void unban(account))
    })
  }
  return (
    <FormDialog title={words.title(name)} submit={words.submit} onSubmit={submit} onClose={onClose} busy={sending.busy} danger>
      <p>{already ? words.again : words.hint}</p>
      {form.fields()}
      {sending.trouble && <p class="note bad" role="alert">{sending.trouble}</p>}
    </FormDialog>
  )
}
