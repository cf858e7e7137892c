import { type Part, reply } from '#core/chat/message.ts'
import { contextTitle } from '#core/contexts/resolve.ts'
import { pauseRule, removeRule, resumeRule } from '#core/rules/change.ts'
import { findRuleFires, findRules, getRule, ruleMeant } from '#core/rules/read.ts'
import { ruleParts } from './automatic/show.ts'
import { defineCommand, type UserCall } from './command.ts'
import { renderLine } from './grammar/render.ts'
import { asFlag, buttons, dateTime, heading, muted, privateReply, shorten } from './replies.ts'

const PAGE_SIZE = 6

export const rules = defineCommand({
  name: 'rules',
  summary: 'Commands that are said here by themselves',
  group: 'schedules',
  args: [{ name: 'rule', kind: 'word', optional: true, summary: 'Its name, for what it has said last' }],
  flags: [{ name: 'after', kind: 'word', summary: 'Continues behind this one' }],
  run: async (call) => {
    const { core, actor, account, args, flags, resolved } = call
    if (args.rule !== undefined) return said(call, (await ruleMeant(core.db, actor, args.rule)).id)
    const { items, nextCursor } = await findRules(core, actor, {
      limit: PAGE_SIZE,
      ...(flags.after === undefined ? {} : { cursor: flags.after }),
    })
    if (items.length === 0) {
      return reply(`No command is said by itself for ${contextTitle(resolved)}. Rules are made over the API.`)
    }
    const more = renderLine('rules', { flags: { after: nextCursor ?? '', as: asFlag(resolved) } })
    return privateReply(
      heading(`Rules · ${contextTitle(resolved)}`),
      ...items.flatMap((view): Part[] => ruleParts(view, account.timeZone)),
      ...(nextCursor === null ? [] : [buttons({ label: 'Older', command: more })]),
    )
  },
})

const ANSWER_MOST = 300

async function said({ core, actor, account }: UserCall, id: string) {
  const { name } = await getRule(core, actor, id)
  const { items } = await findRuleFires(core, actor, { id, limit: PAGE_SIZE })
  if (items.length === 0) return reply(`${shorten(name, 60)} has said nothing yet.`)
  return privateReply(
    heading(`What ${shorten(name, 60)} said`),
    ...items.flatMap(({ at, status, command, reason, answers }): (Part | string)[] => [
      `${dateTime(at, account.timeZone)} · ${shorten(command, 100)} · ${status}`,
      ...(reason === null ? [] : [muted(reason)]),
      ...(answers ?? []).map(({ text }) => muted(shorten(text, ANSWER_MOST))),
    ]),
  )
}

const rule = { name: 'rule', kind: 'word', summary: 'Its id' } as const

export const rulefires = defineCommand({
  name: 'rulefires',
  summary: 'What a rule has said last',
  group: 'schedules',
  isHidden: true,
  args: [rule],
  run: (call) => said(call, call.args.rule),
})

export const pauserule = defineCommand({
  name: 'pauserule',
  summary: 'Have a rule say nothing for a while',
  group: 'schedules',
  isHidden: true,
  args: [rule],
  run: async ({ core, actor, account, args }) => {
    await pauseRule(core, actor, { id: args.rule })
    return reply('Paused.', ...ruleParts(await getRule(core, actor, args.rule), account.timeZone))
  },
})

export const resumerule = defineCommand({
  name: 'resumerule',
  summary: 'Have a rule speak again',
  group: 'schedules',
  isHidden: true,
  args: [rule],
  run: async ({ core, actor, account, args }) => {
    await resumeRule(core, actor, { id: args.rule })
    return reply('It speaks again.', ...ruleParts(await getRule(core, actor, args.rule), account.timeZone))
  },
})

export const removerule = defineCommand({
  name: 'removerule',
  summary: 'Remove a rule',
  group: 'schedules',
  isHidden: true,
  args: [rule],
  run: async ({ core, actor, args }) => {
    await removeRule(core, actor, { id: args.rule })
    return reply('Removed. It says nothing any more.')
  },
})
