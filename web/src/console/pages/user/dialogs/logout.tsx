import { ask } from '../../../api'
import { t } from '../../../i18n'
import { nameOf } from '../../../people'
import { FormDialog } from '../../../ui/dialog'
import { useSending } from '../../../ui/form'
import { toast } from '../../../ui/toast'
import type { Account } from '../data'

export function LogoutDialog({ account, onClose }: { account: Account; onClose: () => void }) {
  const sending = useSending()
  const words = t().logoutDialog
  const name = nameOf(account)
  const submit = () => void sending.send(() => ask('/api/user/force-logout/', { user_id: account.id }), () => {
    onClose()
    toast(t().user.loggedOut(name))
  })
  return (
    <FormDialog title={words.title(name)} submit={words.submit} onSubmit={submit} onClose={onClose} busy={sending.busy} danger>
      <p>{words.hint}</p>
      {sending.trouble && <p class="note bad" role="alert">{sending.trouble}</p>}
    </FormDialog>
  )
}
