import type { Account } from '#core/accounts/account.ts'
import { admitSender } from '#core/accounts/admit.ts'
import { claimInstance } from '#core/accounts/claim.ts'
import { findCode } from '#core/accounts/codes.ts'
import { type Part, type Reply, reply, text } from '#core/chat/message.ts'
import { type AnyCall, defineCommand } from './command.ts'
import { identityOf } from './dispatch/sender.ts'
import { renderLine } from './grammar/render.ts'
import { joinTeam } from './join.ts'
import { buttons } from './replies.ts'

export const start = defineCommand({
  name: 'start',
  summary: 'Say hello, or get in with a code',
  group: 'start',
  access: 'stranger',
  args: [{ name: 'code', kind: 'word', optional: true, summary: 'From an invitation, or the one the program printed' }],
  examples: ['/start', '/start jD2kq0aV7sLr3XwYc9ZtUg'],
  run: async (call) => {
    const { code } = call.args
    const link = code === undefined ? undefined : linkedLine(code)
    if (link && call.actor && call.account && call.resolved) {
      const { actor, account, resolved } = call
      return call.obey(link, undefined, { actor, account, resolved })
    }
    if (code !== undefined) return enterWith(call, code)
    const account = call.account ?? (await admitSender(call.core, identityOf(call.incoming)))
    return account ? welcome(account) : howToGetIn()
  },
})

/** A link that opens the bot may lead to a run or a review; whoever may not see it hears what they would hear anyway. */
function linkedLine(code: string): string | undefined {
  if (/^run_[\w-]+$/.test(code)) return renderLine('status', { words: [code] })
  return /^rev_[\w-]+$/.test(code) ? renderLine('review', { words: [code] }) : undefined
}

/** A code says itself what it is for: the whole instance, or a team. */
async function enterWith(
  call: Pick<AnyCall, 'core' | 'incoming' | 'actor' | 'requestKey'>,
  code: string,
): Promise<Reply> {
  const { core, incoming } = call
  if (!(await findCode(core.db, 'claim', code))) return joinTeam(call, code)
  const { name, handle } = incoming.sender
  const account = await claimInstance(core, {
    code,
    displayName: name || handle || 'Admin',
    ...(handle ? { handle } : {}),
    identity: identityOf(incoming),
  })
  return reply(
    text(`This Muster is yours, @${account.handle}.`, 'strong'),
    'You are its platform admin: you let people in, grant money and approve credit.',
    firstSteps(),
  )
}

const welcome = ({ displayName }: Account): Reply =>
  reply(
    `Hello ${displayName}. I run jobs for you and your teams, and show what they cost before they start.`,
    firstSteps(),
    buttons({ label: 'Jobs', command: '/jobs' }, { label: 'Help', command: '/help' }),
  )

const firstSteps = (): Part => ({
  type: 'list',
  items: [
    '/jobs shows what I can run',
    '/mycontext shows who pays',
    '/createteam <name> makes a team with a wallet of its own',
    '/help lists everything',
  ],
})

/** All that somebody hears who is not known here. */
export const howToGetIn = (): Reply => ({
  ...reply('Hello. I only work for people who are known here.', {
    type: 'list',
    items: [
      'Invited to a team? Send /join and your code.',
      'Known here on another channel? Send /link there, then /link and the code here.',
    ],
  }),
  isPrivate: true,
})
