import { reply } from '#core/chat/message.ts'
import { dropForm } from '#core/forms/close.ts'
import { type Answered, type FormPress, pressForm } from '#core/forms/fill.ts'
import { defineCommand, type UserCall } from './command.ts'
import { sendForm } from './form/send.ts'
import { SILENCE } from './replies.ts'

const VERBS = ['set', 'go', 'skip', 'rest', 'back', 'open', 'send', 'drop'] as const

export const fillin = defineCommand({
  name: 'fillin',
  summary: 'Fill in what I asked for; its buttons do this',
  group: 'start',
  isHidden: true,
  args: [
    { name: 'form', kind: 'word' },
    { name: 'verb', kind: 'word', choices: VERBS },
    { name: 'words', kind: 'text', optional: true },
  ],
  run: async (call) => {
    const { core, actor, args } = call
    const { form: formId, words = '' } = args
    switch (args.verb) {
      case 'open':
        return { parts: [], formId }
      case 'send':
        return sendForm(call, formId)
      case 'drop':
        return (await dropForm(core, actor, formId)) ? SILENCE : reply('It is over already.')
      default:
        return afterPress(call, await pressForm(core, actor, formId, pressOf(args.verb, words)))
    }
  },
})

function pressOf(verb: string, words: string): FormPress {
  const [, name = '', given = ''] = /^(\S*)\s*([\s\S]*)$/.exec(words.trim()) ?? []
  if (verb === 'set') return { verb, name, value: JSON.parse(given || 'null') }
  if (verb === 'go') return { verb, name }
  return { verb: verb as 'skip' }
}

/** The form's own message shows what changed; one that asks for a single thing is sent with it. */
const afterPress = async (call: UserCall, { formId, isReady }: Answered) => (isReady ? sendForm(call, formId) : SILENCE)
