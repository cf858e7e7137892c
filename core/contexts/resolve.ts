import { findLinkedTeam, findRemembered } from '#db/contexts.ts'
import type { Reader } from '#db/db.ts'
import { type Context, personal, teamContext } from '../context.ts'
import { ownContext, readExplicit, type Wish } from './explicit.ts'
import { type MyTeam, myTeamById, myTeamNamed } from './my-team.ts'

export interface Resolved {
  context: Context
  /** `Personal`, or the team's name. */
  name: string
  /** What decided. */
  why: 'explicit' | 'linked_chat' | 'remembered' | 'personal'
  /**
   * The person was set to this team and is in it no more, or it is gone: from now on personal, and they must be told.
   * `context` is what is still remembered until `actorFor` or the caller forgets it.
   */
  fellBack?: { teamName: string; context: string }
}

export interface ContextQuestion {
  accountId: string
  channel: string
  /** Where it was said, for the team a chat is tied to. */
  conversation?: string
  /** `personal`, `team:<name or id>`, `team/<id>` or `user/<id>`: what the command, the header or the body says. */
  explicit?: string
}

/**
 * Whose context an action is in: what is said with it, else the team its chat is tied to (for those in that team), else
 * what the person set on this channel, else personal. Only what is said can be refused: `not_found` for what is not
 * there or not theirs, `conflict` for a name that several of their teams have.
 */
export async function resolveContext(on: Reader, question: ContextQuestion): Promise<Resolved> {
  const { accountId, channel, conversation, explicit } = question
  if (explicit !== undefined) return { ...(await resolveWish(on, accountId, readExplicit(explicit))), why: 'explicit' }
  const linked = conversation === undefined ? undefined : await linkedTeam(on, accountId, channel, conversation)
  if (linked) return { ...inTeam(linked), why: 'linked_chat' }
  return resolveRemembered(on, accountId, channel)
}

/** The context somebody asked for by its words. */
export async function resolveWish(
  on: Reader,
  accountId: string,
  wish: Wish,
): Promise<{ context: Context; name: string }> {
  switch (wish.type) {
    case 'personal':
    case 'user':
      return { context: ownContext(accountId, wish), name: PERSONAL }
    case 'team':
      return inTeam(await myTeamById(on, accountId, wish.id))
    case 'team_named':
      return inTeam(await myTeamNamed(on, accountId, wish.text))
  }
}

/** `Personal` or `Team Acme`: how cards name who pays. */
export const contextTitle = ({ context, name }: { context: Context; name: string }): string =>
  context.type === 'team' ? `Team ${name}` : name

const PERSONAL = 'Personal'

const inTeam = (team: MyTeam): { context: Context; name: string } => ({
  context: teamContext(team.id),
  name: team.name,
})

async function resolveRemembered(on: Reader, accountId: string, channel: string): Promise<Resolved> {
  const own = { context: personal(accountId), name: PERSONAL, why: 'personal' } as const
  const remembered = await findRemembered.first(on, { accountId, channel })
  if (!remembered) return own
  const { context, id, name, role } = remembered
  if (id && name && role) return { ...inTeam({ id, name, role }), why: 'remembered' }
  return { ...own, fellBack: { teamName: name ?? 'a team that is gone', context } }
}

/** A chat's ids narrow from left to right (`group:topic`): what is tied to the group holds in its topics and threads. */
async function linkedTeam(
  on: Reader,
  accountId: string,
  channel: string,
  conversation: string,
): Promise<MyTeam | undefined> {
  for (let part = conversation; part !== ''; part = part.slice(0, Math.max(0, part.lastIndexOf(':')))) {
    const team = await findLinkedTeam.first(on, { accountId, channel, conversation: part })
    if (team) return team
  }
  return undefined
}
