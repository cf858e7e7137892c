import { checkRichText } from './rich-text.ts'
import type { Block } from './types.ts'

/** Notes a problem: `refuse` is what Slack would not take, `violate` what it would let pass but a careful bot does not do. */
export interface Notes {
  refuse(problem: string): void
  violate(problem: string): void
}

type Fields = Record<string, unknown>

const BLOCKS_MAX = 50
const PAYLOAD_MAX = 12_000

/** Slack's published limits for the blocks that are in use here. Any other block is a violation: its rules are not played. */
export function checkBlocks(value: unknown, notes: Notes): void {
  if (!Array.isArray(value)) {
    notes.refuse('blocks must be an array')
    return
  }
  if (value.length > BLOCKS_MAX) notes.refuse(`no more than ${BLOCKS_MAX} items allowed [${value.length}]`)
  const chars = JSON.stringify(value).length
  if (chars > PAYLOAD_MAX) notes.refuse(`msg_blocks_too_long: ${chars} characters of blocks`)
  value.forEach((block: Block, index) => {
    const at: Notes = {
      refuse: (problem) => notes.refuse(`${problem} [json-pointer:/blocks/${index}]`),
      violate: (problem) => notes.violate(`${problem} [block ${index}]`),
    }
    const check = CHECKS[block?.type]
    if (check) check(block, at)
    else at.violate(`no rules are known here for a block of type ${block?.type}`)
  })
}

export const CHECKS: Record<string, (block: Fields, notes: Notes) => void> = {
  header: ({ text }, notes) => textObject(text, 150, notes, ['plain_text']),
  section: checkSection,
  context: ({ elements }, notes) => {
    for (const element of list(elements, 1, 10, 'context elements', notes)) textObject(element, 3000, notes)
  },
  actions: checkActions,
  rich_text: checkRichText,
  divider: () => {},
  plan: checkPlan,
}

function checkSection({ text, fields }: Fields, notes: Notes): void {
  if (text === undefined && fields === undefined) notes.refuse('a section needs text or fields')
  if (text !== undefined) textObject(text, 3000, notes)
  if (fields !== undefined) for (const field of list(fields, 1, 10, 'fields', notes)) textObject(field, 2000, notes)
}

const TASK_STATUSES = ['pending', 'in_progress', 'complete', 'error']
const TASK_FIELDS = ['type', 'task_id', 'title', 'status', 'details', 'output', 'sources', 'block_id']
const TASKS_MAX = 50

/** A plan of up to 50 tasks, each with an id of its own; a longer list than the message may have blocks is none. */
function checkPlan({ title, tasks }: Fields, notes: Notes): void {
  if (typeof title !== 'string' || title === '') notes.refuse('a plan needs a title')
  const seen = new Set<unknown>()
  for (const task of list(tasks, 1, TASKS_MAX, 'tasks', notes) as Fields[]) {
    for (const name of Object.keys(task))
      if (!TASK_FIELDS.includes(name)) notes.refuse(`unknown field ${name} in task_card`)
    if (task.type !== 'task_card') notes.refuse(`a task of type ${task.type}`)
    if (typeof task.task_id !== 'string' || task.task_id === '') notes.refuse('a task needs an id')
    if (seen.has(task.task_id)) notes.refuse(`task_id ${task.task_id} occurs twice`)
    seen.add(task.task_id)
    if (typeof task.title !== 'string' || task.title === '') notes.refuse('a task needs a title')
    // Slack has no limit of its own there; longer ones are folded into lines that hide the rest.
    else if (task.title.length > 150) notes.violate(`a title of ${task.title.length} characters`)
    if (!TASK_STATUSES.includes(String(task.status))) notes.refuse(`invalid status ${task.status}`)
    for (const entity of [task.details, task.output] as (Fields | undefined)[]) {
      if (entity === undefined) continue
      if (entity.type !== 'rich_text') notes.refuse('details and output are rich text')
      list(entity.elements, 1, 1, 'elements of a task', notes)
      checkRichText(entity, notes)
    }
  }
}

function checkActions({ elements }: Fields, notes: Notes): void {
  const seen = new Set<unknown>()
  for (const element of list(elements, 1, 25, 'actions elements', notes) as Fields[]) {
    if (element.type !== 'button') notes.violate(`an actions element of type ${element.type}`)
    if (element.confirm !== undefined) checkConfirm(element.confirm as Fields, notes)
    textObject(element.text, 75, notes, ['plain_text'])
    if (seen.has(element.action_id)) notes.refuse(`action_id ${element.action_id} occurs twice in its block`)
    seen.add(element.action_id)
    for (const [name, max] of Object.entries({ action_id: 255, value: 2000, url: 3000 })) {
      const given = element[name]
      if (given !== undefined && (typeof given !== 'string' || given === '' || given.length > max)) {
        notes.refuse(`${name} must be a string of 1 to ${max} characters`)
      }
    }
    if (element.style !== undefined && element.style !== 'primary' && element.style !== 'danger') {
      notes.refuse(`invalid style ${element.style}`)
    }
  }
}

function checkConfirm({ title, text, confirm, deny, style }: Fields, notes: Notes): void {
  for (const [value, max] of [
    [title, 100],
    [text, 300],
    [confirm, 30],
    [deny, 30],
  ] as const) {
    textObject(value, max, notes, ['plain_text'])
  }
  if (style !== undefined && style !== 'primary' && style !== 'danger') notes.refuse(`invalid style ${style}`)
}

export function textObject(value: unknown, max: number, notes: Notes, types = ['plain_text', 'mrkdwn']): void {
  const { type, text, verbatim } = (value ?? {}) as Fields
  if (!types.includes(String(type))) notes.refuse(`text of type ${type} where ${types.join(' or ')} belongs`)
  if (typeof text !== 'string' || text.length < 1) {
    notes.refuse('must be more than 0 characters')
    return
  }
  if (text.length > max) notes.refuse(`must be less than ${max + 1} characters`)
  if (type !== 'mrkdwn') return
  checkLive(text, notes)
  if (verbatim !== true) notes.violate('mrkdwn that is not verbatim: Slack looks for names and addresses in it')
}

/** What Slack acts upon in a text: mentions, broadcasts, links. Nothing a bot passes on may have any. */
export function checkLive(text: string, notes: Notes): void {
  const live = /<[@#!a-z][^>]*>/i.exec(text)
  if (live) notes.violate(`live reference ${live[0]}`)
}

export function list(value: unknown, min: number, max: number, what: string, notes: Notes): unknown[] {
  if (Array.isArray(value) && value.length >= min && value.length <= max) return value
  notes.refuse(`${what}: ${min} to ${max} belong there, not ${Array.isArray(value) ? value.length : typeof value}`)
  return []
}
