import { ask } from '../../../api'
import { t } from '../../../i18n'
import { nameOf } from '../../../people'
import { FormDialog } from '../../../ui/dialog'
import { useSending } from '../../../ui/form'
import { toast } from '../../../ui/toast'
import type { Account } from '../data'

export type RoleChange = 'makeStaff' | 'revokeStaff' | 'makeSuperuser' | 'revokeSuperuser'

const CHANGES = {
  makeStaff: { is_staff: true },
  revokeStaff: { is_staff: false },
  makeSuperuser: { is_superuser: true },
  revokeSuperuser: { is_superuser: false },
}

interface RoleDialogProps {
  change: RoleChange
  account: Account
  onClose: () => void
}

export function RoleDialog({ change, account, onClose }: RoleDialogProps) {
  const sending = useSending()
  const words = t().roleDialog
  const submit = () => void sending.send(() => ask('/api/user/role/', { user_id: account.id, ...CHANGES[change] }), () => {
    onClose()
    toast(words.done)
  })
  return (
    <FormDialog title={words.titles[change](nameOf(account))} submit={t().user[change]} onSubmit={submit} onClose={onClose} busy={sending.busy} danger>
      <p>{words.hints[change]}</p>
      {sending.trouble && <p class="note bad" role="alert">{sending.trouble}</p>}
    </FormDialog>
  )
}
