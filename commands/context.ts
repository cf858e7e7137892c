import type { Actor } from '#core/actor.ts'
import { type Button, type Reply, reply } from '#core/chat/message.ts'
import { contextTitle, type Resolved } from '#core/contexts/resolve.ts'
import { setContext } from '#core/contexts/set.ts'
import type { Core } from '#core/core.ts'
import { walletView } from '#core/economy/wallet.ts'
import { AppError } from '#core/errors.ts'
import { listMyTeams } from '#core/teams/find.ts'
import { defineCommand } from './command.ts'
import { renderLine } from './grammar/render.ts'
import { limitLines } from './money/wallet-parts.ts'
import { buttons, dollars, fields, privateReply } from './replies.ts'

const WHY: Record<Resolved['why'], string> = {
  explicit: 'you said so with --as',
  linked_chat: 'this chat is tied to it',
  remembered: 'you chose it with /setcontext',
  personal: 'nothing else was chosen',
}

export const mycontext = defineCommand({
  name: 'mycontext',
  summary: 'Who pays here, why, and what is left',
  group: 'context',
  run: async ({ core, actor, resolved }) => {
    const wallet = await walletView(core, actor, actor.context)
    return privateReply(
      fields({
        Context: contextTitle(resolved),
        Because: WHY[resolved.why],
        Available: dollars(wallet.availableUsd),
        Limits: wallet.limits.length === 0 ? 'none' : undefined,
      }),
      ...limitLines(wallet),
      buttons(...(await otherContexts(core, actor))),
    )
  },
})

export const setcontext = defineCommand({
  name: 'setcontext',
  summary: 'Choose who pays for what you run: you or a team',
  group: 'context',
  args: [
    {
      name: 'target',
      kind: 'rest',
      label: 'personal or team <name>',
      optional: true,
      summary: 'Nothing shows the choice',
    },
  ],
  examples: ['/setcontext personal', '/setcontext team Acme Rockets'],
  run: async ({ core, actor, args, resolved }) => {
    if (args.target === undefined) return choice(core, actor)
    const { context, name } = await setTo(core, actor, args.target)
    const title = contextTitle({ context, name })
    const wallet = await walletView(core, actor, context)
    const isTied = resolved.why === 'linked_chat' && resolved.context.id !== context.id
    return privateReply(
      `${title} pays from now on, on this channel. ${dollars(wallet.availableUsd)} is available.`,
      ...(isTied ? [`In this chat ${contextTitle(resolved)} still pays: the chat is tied to it.`] : []),
    )
  },
})

async function choice(core: Core, actor: Actor): Promise<Reply> {
  const others = await otherContexts(core, actor)
  if (others.length > 0) return privateReply('Who pays from now on?', buttons(...others))
  return reply('You are in no team yet, so you pay yourself. /createteam <name> makes one.')
}

/** `team Acme` is the team Acme, unless that is none and there is one called `team Acme`. */
async function setTo(core: Core, actor: Actor, target: string): ReturnType<typeof setContext> {
  const [, name] = /^team\s+(\S[\s\S]*)$/i.exec(target.trim()) ?? []
  if (name === undefined) return setContext(core, actor, target)
  try {
    return await setContext(core, actor, `team:${name}`)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'not_found') throw error
    return setContext(core, actor, `team:${target.trim()}`).catch(() => {
      throw error
    })
  }
}

/** More than these are chosen by name. */
const BUTTONS_MOST = 8

async function otherContexts(core: Core, actor: Actor): Promise<Button[]> {
  const teams = await listMyTeams(core, actor)
  const others = teams.filter(({ id }) => id !== actor.context.id)
  const personal = { label: 'Personal', command: renderLine('setcontext', { words: ['personal'] }) }
  return [
    ...(actor.context.type === 'team' ? [personal] : []),
    ...others.slice(0, BUTTONS_MOST).map(({ id, name }) => ({
      label: `Team ${name}`,
      command: renderLine('setcontext', { words: ['team', id] }),
    })),
  ]
}
