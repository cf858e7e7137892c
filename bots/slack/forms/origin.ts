/** Where a form was opened: there its answer belongs, and so do the ways in which Slack takes answers there. */
export interface Origin {
  formId: string
  conversation: string
  hints?: Record<string, string>
}

/** What Slack takes along. */
const METADATA_MAX = 3000

/** Without the trigger, which is used up; without any hint where they are too long. */
export function writeOrigin({ formId, conversation, hints = {} }: Origin): string {
  const { trigger_id: _, ...kept } = hints
  const whole = JSON.stringify({ formId, conversation, hints: kept })
  return whole.length <= METADATA_MAX ? whole : JSON.stringify({ formId, conversation })
}

/** Undefined for what is no form of ours. */
export function readOrigin(metadata = ''): Origin | undefined {
  try {
    const { formId, conversation, hints } = JSON.parse(metadata) as Partial<Origin>
    if (!formId || !conversation) return undefined
    return { formId, conversation, ...(hints ? { hints } : {}) }
  } catch {
    return undefined
  }
}
