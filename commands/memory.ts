import { addMemory, editMemory, findMemories, forgetMemory, type Memory } from '#core/agents/memory.ts'
import { contextTitle } from '#core/contexts/resolve.ts'
import { defineCommand } from './command.ts'
import { renderLine } from './grammar/render.ts'
import { buttons, heading, privateReply, shorten } from './replies.ts'

const SHOWN = 8
const DOINGS = ['add', 'edit', 'forget'] as const

export const memory = defineCommand({
  name: 'memory',
  summary: 'What agents remember here: shown, added to, erased',
  group: 'agents',
  args: [
    { name: 'what', kind: 'word', optional: true, choices: DOINGS, summary: DOINGS.join(', ') },
    { name: 'text', kind: 'text', optional: true, summary: 'What is to be remembered; of edit the id, then the words' },
  ],
  examples: ['/memory', '/memory add Our product is called Muster, never MUSTER'],
  run: async ({ core, actor, args, resolved }) => {
    const { what, text = '' } = args
    if (what === 'add') {
      await addMemory(core, actor, text)
      return privateReply(`Remembered for ${contextTitle(resolved)}.`)
    }
    if (what === 'edit') {
      const [id = '', ...words] = text.split(' ')
      await editMemory(core, actor, { id, text: words.join(' ') })
      return privateReply('It says so now.')
    }
    if (what === 'forget' && text !== '') {
      await forgetMemory(core, actor, text.trim())
      return privateReply('Forgotten.')
    }
    const all = await findMemories(core, actor)
    if (all.length === 0)
      return privateReply(`Nothing is remembered for ${contextTitle(resolved)}. /memory add <text> changes that.`)
    return privateReply(
      heading(`Memory · ${contextTitle(resolved)}`),
      { type: 'list', items: all.slice(0, SHOWN).map(shown) },
      ...(all.length > SHOWN ? [`and ${all.length - SHOWN} more`] : []),
      buttons(
        ...all.slice(0, SHOWN).map(({ id, text: words }) => ({
          label: `Forget: ${shorten(words, 24)}`,
          command: renderLine('memory', { words: ['forget', id] }),
        })),
      ),
    )
  },
})

/** What an agent saved after it had read strangers is told apart from what people wrote. */
const shown = ({ text, outside }: Memory): string => (outside === null ? text : `${text} (from outside: ${outside})`)
