import type { Button, Part } from '../chat/message.ts'
import { text } from '../chat/message.ts'
import { contextTitle } from '../contexts/resolve.ts'
import type { Core } from '../core.ts'
import { oneLine } from '../cut.ts'
import { type WalletLimit, walletView } from '../economy/wallet.ts'
import { listMyTeams } from '../teams/find.ts'
import type { Person } from './person.ts'

/** More than these are chosen by name, with /setcontext. */
const OTHERS_MAX = 8

/** Who pays, what is left and which limits there are, and a button for each other one who could pay. */
export async function payment(core: Pick<Core, 'db' | 'clock'>, { actor, resolved }: Person): Promise<Part[]> {
  const wallet = await walletView(core, actor, actor.context)
  const others = await otherContexts(core, { actor })
  return [
    text(`${contextTitle(resolved)} pays · $${wallet.availableUsd} left`, 'heading'),
    ...(wallet.limits.length > 0 ? [text(wallet.limits.map(limitLine).join('\n'), 'muted')] : []),
    ...(others.length > 0 ? [{ type: 'buttons' as const, buttons: others }] : []),
  ]
}

function limitLine(limit: WalletLimit): string {
  const used =
    'limitUsd' in limit ? `$${limit.usedUsd} of $${limit.limitUsd}` : `${limit.usedRuns} of ${limit.limitRuns} runs`
  return `${limit.title}: ${used} used`
}

async function otherContexts(core: Pick<Core, 'db'>, { actor }: Pick<Person, 'actor'>): Promise<Button[]> {
  const teams = (await listMyTeams(core, actor)).filter(({ id }) => id !== actor.context.id)
  return [
    ...(actor.context.type === 'team' ? [{ label: 'Let me pay', command: '/setcontext personal' }] : []),
    ...teams
      .slice(0, OTHERS_MAX)
      .map(({ id, name }) => ({ label: `Let ${oneLine(name, 40)} pay`, command: `/setcontext team ${id}` })),
  ]
}
