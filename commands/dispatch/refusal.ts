import { privately, type Reply, reply } from '#core/chat/message.ts'
import { contextTitle } from '#core/contexts/resolve.ts'
import type { AppError } from '#core/errors.ts'
import type { Sender } from '../command.ts'
import { muted } from '../replies.ts'

/** A refusal as it is shown: what is wrong, how it is written where that was the mistake, and what helps. */
export function refusalReply(
  error: AppError,
  { usage, sender }: { usage?: string; sender?: Sender | undefined } = {},
): Reply {
  const isMiswritten = error.code === 'bad_input' && usage !== undefined && !error.message.includes('Usage: ')
  const hint = sender && hintFor(error, sender)
  return privately(
    reply(
      isMiswritten ? `${error.message}\nUsage: ${usage}` : error.message,
      ...(hint === undefined ? [] : [muted(hint)]),
    ),
  )
}

/** Whoever hears that there is no money, or that a limit is reached, wants to know who can change it. */
function hintFor({ code, details }: AppError, sender: Sender): string | undefined {
  if (code === 'insufficient_funds') return moneyHint(sender)
  return code === 'limit_reached' ? limitHint(String(details.facts?.limit ?? ''), sender) : undefined
}

function moneyHint({ resolved, account }: Sender): string {
  const { context } = resolved
  if (account.platformRole === 'admin') return '/fund <amount> puts money in.'
  if (context.type === 'user') return `A platform admin can put money in: /grant @${account.handle} <amount>.`
  return `/fund <amount> puts money in from your own wallet. Or ask the admins of ${contextTitle(resolved)}.`
}

function limitHint(limit: string, { resolved, account }: Sender): string | undefined {
  const admins = `The admins of ${contextTitle(resolved)}`
  switch (limit) {
    case 'person_monthly_cap':
      return 'You set this yourself: /cap me <amount>, or /cap me off.'
    case 'member_monthly_cap':
      return `${admins} can raise it: /cap @${account.handle} <amount>.`
    case 'team_monthly_cap':
      return `${admins} can raise it: /cap team <amount>.`
    case 'team_monthly_runs':
      return `${admins} can raise it, over the API.`
    default:
      return undefined
  }
}
