import { useQuery } from '@tanstack/preact-query'
import { useState } from 'preact/hooks'
import { Pencil, Plus, SquareStack, Trash2 } from '../../ui/icons'
import { act } from '../../act'
import { type Answer, ask } from '../../api'
import { NETWORKS } from '../../catalogue'
import { t } from '../../i18n'
import { Empty } from '../../ui/empty'
import { Skeleton } from '../../ui/skeleton'
import { Trouble } from '../../ui/trouble'
import { When } from '../../ui/when'
import type { Account } from './data'
import { WallDialog } from './dialogs/wall'

export type Wall = Answer<'/api/user/social-walls/'>['social_walls'][number]

const put = (account: Account, { network, wall_url, description }: Wall) =>
  ask('/api/user/add-custom-social-wall/', { user_id: account.id, network, wall_url, description })

function remove(account: Account, wall: Wall) {
  const again = () => void act(() => put(account, wall), { done: t().walls.saved })
  void act(() => ask('/api/user/remove-custom-social-wall/', { user_id: account.id, wall_id: wall.id }), { done: t().walls.removed, undo: again })
}

/** What begins otherwise is no address of a page, whoever stored it. */
const isPage = (url: string) => /^https?:\/\//i.test(url)

function Row({ account, wall, edit }: { account: Account; wall: Wall; edit: () => void }) {
  const words = t().walls
  const name = NETWORKS[wall.network]
  const url = wall.wall_url
  return (
    <li class="entry">
      <span class="timeline-icon"><SquareStack /></span>
      <div class="grow">
        <p class="row"><strong>{name}</strong></p>
        <p class="said">{isPage(url) ? <a href={url} target="_blank" rel="noopener noreferrer nofollow">{url}</a> : url}</p>
        {wall.description && <p class="said soft">{wall.description}</p>}
        <p class="hint">{words.updated} <When time={wall.updated_at} /></p>
      </div>
      <button type="button" class="icon" aria-label={words.edit(`${name} ${url}`)} onClick={edit}><Pencil /></button>
      <button type="button" class="icon" aria-label={words.remove(`${name} ${url}`)} onClick={() => remove(account, wall)}><Trash2 /></button>
    </li>
  )
}

export function Walls({ account }: { account: Account }) {
  const [open, setOpen] = useState<Wall | 'new'>()
  const words = t().walls
  const list = useQuery({
    queryKey: ['user', account.id, 'walls'],
    queryFn: ({ signal }) => ask('/api/user/social-walls/', { user_id: account.id }, { signal }),
  })
  const walls = list.data?.social_walls
  const add = <button type="button" onClick={() => setOpen('new')}><Plus /> {words.add}</button>
  return (
    <section class="panel">
      <div class="panel-head"><h2>{t().user.tabs.walls}</h2><span class="grow" />{walls && walls.length > 0 && add}</div>
      {!walls
        ? list.isError ? <Trouble problem={list.error} retry={() => void list.refetch()} /> : <div class="panel-body"><Skeleton lines={4} /></div>
        : walls.length
          ? <ul>{walls.map((wall) => <Row key={wall.id} account={account} wall={wall} edit={() => setOpen(wall)} />)}</ul>
          : <Empty icon={SquareStack} title={words.none} hint={words.noneHint}>{add}</Empty>}
      {open && <WallDialog account={account} wall={open === 'new' ? undefined : open} onClose={() => setOpen(undefined)} />}
    </section>
  )
}
