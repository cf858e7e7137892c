import { findRuleFire, putRuleAnswer, setFireStatus } from '#db/rule-fires.ts'
import type { Part } from '../chat/message.ts'
import { plainText } from '../chat/plain.ts'
import type { Core } from '../core.ts'
import { cut } from '../cut.ts'

const TEXT_MAX = 20_000

/** Keeps what was answered to the command of a fire, as text: nobody is there to press anything. The same key again replaces it. */
export async function keepAnswer(
  core: Pick<Core, 'db' | 'clock'>,
  { fireId, key, parts }: { fireId: string; key: string; parts: readonly Part[] },
): Promise<void> {
  const whole = plainText(parts)
  const text = whole.length > TEXT_MAX ? `${cut(whole, TEXT_MAX)}…` : whole
  await core.db.write(async function keepAnswer(tx) {
    // A run may go on for longer than what it answers to is kept.
    if (!(await findRuleFire.first(tx, { id: fireId }))) return
    await putRuleAnswer.run(tx, { fireId, key, text, nowMs: core.clock.nowMs() })
    await setFireStatus.run(tx, { id: fireId, from: 'said', to: 'answered', reason: null })
  })
}
