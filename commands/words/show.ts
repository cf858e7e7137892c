import { type Part, privately, type Reply, reply } from '#core/chat/message.ts'
import { showUsd } from '#core/money.ts'
import type { Meant, Verb } from '#core/words/proposal.ts'
import { renderLine } from '../grammar/render.ts'
import { buttons, muted } from '../replies.ts'

const pressed = (id: string, verb: Verb): string => renderLine('proposed', { words: [id, verb] })

const asCode = (line: string): Part => ({ type: 'code', text: line })

/** What was understood, whole, and what may be said to it. Its buttons are bound to this line and to whoever's words it was. */
export function showProposal(
  id: string,
  { line, needsSure }: Pick<Meant, 'line' | 'needsSure'>,
  asked?: { costMicros: bigint; isMock: boolean },
): Reply {
  return privately(
    reply(
      'I understood:',
      asCode(line),
      buttons(
        { label: needsSure ? 'Run it …' : 'Run it', command: pressed(id, 'go'), style: 'primary', says: 'yes' },
        { label: 'Edit', command: pressed(id, 'edit') },
        { label: 'No', command: pressed(id, 'no') },
      ),
      ...(asked ? [muted(costOf(asked))] : []),
    ),
  )
}

const costOf = ({ costMicros, isMock }: { costMicros: bigint; isMock: boolean }): string =>
  isMock
    ? `[mock] No model is connected: this was made up. It cost ${showUsd(costMicros)}.`
    : `Understood by a model, for ${showUsd(costMicros)}. Nothing is done before you press.`

/** What moves money, lets people in or out, or decides for others is asked about by itself. */
export const askAgain = (id: string, line: string): Reply =>
  privately(
    reply(
      'This is more than a look: it moves money, changes who is in or what they may, or decides for others. Really?',
      asCode(line),
      buttons(
        { label: 'Yes, do it', command: pressed(id, 'yes'), style: 'danger', says: 'yes' },
        { label: 'No', command: pressed(id, 'no') },
      ),
    ),
  )

export const toEdit = (line: string): Reply =>
  privately(reply('Nothing was done. Change it as you like and send it:', asCode(line)))

export const DROPPED: Reply = privately(reply('Nothing was done.'))
