import type { FormRow } from '#db/forms.ts'
import type { FormStatus } from '#db/schema.ts'
import type { ChannelName, IncomingFile } from '../chat/message.ts'
import type { ContextKey } from '../context.ts'
import { type Field, fieldsOf } from '../jobs/forms.ts'
import type { Json } from '../json.ts'
import type { RunRequest } from '../runs/request.ts'
import type { JsonSchema } from '../schema.ts'

/** What is done with a form once it is sent. */
export type FormPurpose = { context: ContextKey } & (
  | /**
   * A run. Without a target the form asks for the job first; `text` goes to its primary input, and `file` to the one that
   * asks for a file, else to that too.
   */
  { kind: 'run'; target: RunRequest['target'] | null; text?: string; file?: IncomingFile }
  /** The command that asked, with what was filled in. */
  | { kind: 'line'; line: string }
)

/** What a form asks for, kept as it was when it was opened: the job may be another one by the time it is sent. */
export interface FormTerms {
  title: string
  note?: string
  submitLabel: string
  /** True when all of it is shown once more before it is sent. */
  hasOverview: boolean
  inputSchema: JsonSchema
  primaryInput?: string
  /** How values of a choice read, where not as they are: by field, then by value. */
  labels?: Record<string, Record<string, string>>
}

export type Answer =
  | { value: Json }
  | { file: IncomingFile }
  /** Not what is asked for; kept so that it can be mended. */
  | { wrong: string; problem: string }
  | { skipped: true }

export type Answers = Record<string, Answer>

/** In place of a field's name: all that was given, before it is sent. */
export const OVERVIEW = ''

export interface Form {
  id: string
  accountId: string
  channel: ChannelName
  conversation: string
  purpose: FormPurpose
  terms: FormTerms
  answers: Answers
  /** Where it is asked field by field: what each of its messages asked, oldest first; the last of the last is asked now. */
  turns: string[][]
  status: FormStatus
}

export const formOf = (row: FormRow): Form => ({
  id: row.id,
  accountId: row.account_id,
  channel: row.channel as ChannelName,
  conversation: row.conversation,
  purpose: JSON.parse(row.purpose_json),
  terms: JSON.parse(row.terms_json),
  answers: JSON.parse(row.answers_json),
  turns: JSON.parse(row.turns_json),
  status: row.status,
})

export const rowOf = ({ id, purpose, terms, answers, turns }: Form) => ({
  id,
  purpose_json: JSON.stringify(purpose),
  terms_json: JSON.stringify(terms),
  answers_json: JSON.stringify(answers),
  turns_json: JSON.stringify(turns),
})

export const fieldsOfForm = ({ terms }: Pick<Form, 'terms'>): Field[] => fieldsOf(terms)

/** The field that is asked for now, `OVERVIEW` before it is sent. */
export const askedNow = ({ turns }: Pick<Form, 'turns'>): string => turns.at(-1)?.at(-1) ?? OVERVIEW

const PREFIX = 'form:'

/** The card of one of a form's messages. */
export const formKey = (id: string, turn: number): string => `${PREFIX}${id}/${turn}`

export function formOfKey(cardKey: string): { id: string; turn: number } | undefined {
  if (!cardKey.startsWith(PREFIX)) return undefined
  const [id = '', turn = ''] = cardKey.slice(PREFIX.length).split('/')
  return { id, turn: Number(turn) }
}
