import { useState } from 'preact/hooks'
import { Ban, Bell, CircleCheck, Ellipsis, LogOut, Pencil, Shield, ShieldCheck, ShieldPlus } from '../../ui/icons'
import { act } from '../../act'
import { ask } from '../../api'
import { t } from '../../i18n'
import { number, time } from '../../i18n/format'
import { nameOf } from '../../people'
import { me } from '../../session'
import { Avatar } from '../../ui/avatar'
import { Badge } from '../../ui/badge'
import { useShortcuts } from '../../ui/keys'
import { Menu } from '../../ui/menu'
import { PageTitle } from '../../ui/page'
import { RoleBadge, StatusBadge } from '../../ui/standing'
import { type Account, isMe, mayChange } from './data'
import { BanDialog } from './dialogs/ban'
import { EditDialog } from './dialogs/edit'
import { LogoutDialog } from './dialogs/logout'
import { NotifyDialog } from './dialogs/notify'
import { type RoleChange, RoleDialog } from './dialogs/role'

type Open = 'ban' | 'edit' | 'logout' | 'notify' | RoleChange

export const unban = ({ id, ...names }: Account) =>
  act(() => ask('/api/user/status/ban/', { user_id: id, banned: false }), { done: t().user.isUnbanned(nameOf(names)) })

function Who({ account }: { account: Account }) {
  const name = nameOf(account)
  return (
    <>
      <Avatar id={account.id} name={name} size="large" />
      <div class="grow">
        <div class="row">
          <PageTitle title={name} />
          <StatusBadge status={account.status} />
          <RoleBadge {...account} />
          {isMe(account) && <Badge tone="soft">{t().user.you}</Badge>}
        </div>
        <p class="soft handle">@{account.username} <span aria-hidden="true">·</span> {t().user.id(number(account.id))}</p>
      </div>
    </>
  )
}

function RoleItems({ account, pick }: { account: Account; pick: (change: RoleChange) => void }) {
  const words = t().user
  if (!me.value?.superuser || isMe(account)) return null
  return (
    <>
      <hr />
      {account.is_staff
        ? <button type="button" onClick={() => pick('revokeStaff')}><Shield />{words.revokeStaff}</button>
        : <button type="button" onClick={() => pick('makeStaff')}><ShieldCheck />{words.makeStaff}</button>}
      {account.is_superuser
        ? <button type="button" onClick={() => pick('revokeSuperuser')}><Shield />{words.revokeSuperuser}</button>
        : <button type="button" onClick={() => pick('makeSuperuser')}><ShieldPlus />{words.makeSuperuser}</button>}
    </>
  )
}

function Actions({ account, open }: { account: Account; open: (what: Open) => void }) {
  const words = t().user
  const banned = account.status === 'banned'
  const others = !isMe(account) && mayChange(account)
  const editable = isMe(account) || mayChange(account)
  const banOrLift = () => (banned ? void unban(account) : open('ban'))
  useShortcuts([
    { keys: 'm', label: words.keys.notify, run: () => open('notify') },
    ...(editable ? [{ keys: 'e', label: words.keys.edit, run: () => open('edit') }] : []),
    ...(others ? [{ keys: 'b', label: words.keys.ban, run: banOrLift }] : []),
  ])
  return (
    <div class="row">
      <button type="button" onClick={() => open('notify')}><Bell /> {words.notify}</button>
      {editable && <button type="button" onClick={() => open('edit')}><Pencil /> {words.edit}</button>}
      {others && !banned && <button type="button" class="bad" onClick={() => open('ban')}><Ban /> {words.ban}</button>}
      {others && (
        <Menu class="icon framed" label={<Ellipsis />} name={words.actions}>{(close) => {
          const pick = (what: Open) => { close(); open(what) }
          return (
            <>
              {banned && <button type="button" onClick={() => { close(); void unban(account) }}><CircleCheck />{words.unban}</button>}
              <button type="button" onClick={() => pick('logout')}><LogOut />{words.logout}</button>
              <RoleItems account={account} pick={pick} />
            </>
          )
        }}</Menu>
      )}
    </div>
  )
}

/** Why nobody can sign in to it, and until when. */
function BanNote({ account, open }: { account: Account; open: (what: Open) => void }) {
  const words = t().user
  if (account.status !== 'banned' || !account.banned_at) return null
  const since = time(account.banned_at)
  return (
    <div class="note bad ban-note">
      <Ban />
      <div class="grow">
        <strong>{account.banned_until ? words.bannedUntil(since, time(account.banned_until)) : words.banned(since)}</strong>
        {account.ban_reason && <p class="said">{words.reason(account.ban_reason)}</p>}
      </div>
      {!isMe(account) && mayChange(account) && (
        <span class="row">
          <button type="button" onClick={() => open('ban')}>{words.edit}</button>
          <button type="button" onClick={() => void unban(account)}>{words.unban}</button>
        </span>
      )}
    </div>
  )
}

function Opened({ what, account, onClose }: { what: Open; account: Account; onClose: () => void }) {
  switch (what) {
    case 'ban': return <BanDialog account={account} onClose={onClose} />
    case 'edit': return <EditDialog account={account} onClose={onClose} />
    case 'logout': return <LogoutDialog account={account} onClose={onClose} />
    case 'notify': return <NotifyDialog account={account} onClose={onClose} />
    default: return <RoleDialog change={what} account={account} onClose={onClose} />
  }
}

export function Header({ account }: { account: Account }) {
  const [open, setOpen] = useState<Open>()
  return (
    <header class="user-head">
      <div class="user-line">
        <Who account={account} />
        <Actions account={account} open={setOpen} />
      </div>
      {!isMe(account) && !mayChange(account) && <p class="note">{t().user.staffOnly}</p>}
      <BanNote account={account} open={setOpen} />
      {open && <Opened what={open} account={account} onClose={() => setOpen(undefined)} />}
    </header>
  )
}
