import { canonicalJson } from '../../json.ts'
import type { ModelMessage, ModelToolCall } from '../../models/model.ts'
import { fenced } from './fence.ts'
import type { CallStatus, Proposal, StoredTurn, Turn } from './turn.ts'

type TurnOf<Kind extends Turn['kind']> = Extract<StoredTurn, { kind: Kind }>

/** A call that the model asked for and that has no result yet. */
export interface OpenCall {
  /** Its number among all calls of the step, from 1. */
  n: number
  call: ModelToolCall
  /** It was begun, and nobody knows how far it came. */
  begun: TurnOf<'call'> | undefined
  /** The newest of its questions to people. */
  approval: TurnOf<'approval'> | undefined
}

/** What an agent did so far, as far as it matters for what it does next. */
export interface Transcript {
  turns: number
  start: TurnOf<'start'> | undefined
  /** After the first one, which says what is wanted. */
  messages: ModelMessage[]
  answers: number
  tokens: number
  spentMicros: bigint
  /** Without waits for people and for runs of its own. */
  workedMs: number
  /** By what from outside, in words; empty while nothing came in. */
  taints: string[]
  open: OpenCall[]
  last: TurnOf<'model'> | undefined
  calls: { toolId: string; status: CallStatus }[]
  /** What is to be done once the task is approved. */
  proposals: Proposal[]
  isMock: boolean
  /** Each call that was asked for, as one text: the same for the same call. */
  asked: string[]
}

/** Reads the turns of a step, from the first on. */
export function transcriptOf(turns: readonly StoredTurn[]): Transcript {
  const start = turns.find((turn) => turn.kind === 'start')
  const transcript: Transcript = {
    turns: turns.length,
    start,
    messages: [],
    answers: 0,
    tokens: 0,
    spentMicros: 0n,
    workedMs: 0,
    taints: [...(start?.taints ?? [])],
    open: [],
    last: undefined,
    calls: [],
    proposals: [],
    isMock: false,
    asked: [],
  }
  for (const turn of turns) {
    transcript.spentMicros += turn.costMicros
    transcript.workedMs += turn.tookMs
    take(transcript, turn)
  }
  return transcript
}

function take(transcript: Transcript, turn: StoredTurn): void {
  if (turn.kind === 'model') takeAnswer(transcript, turn)
  else if (turn.kind === 'call') note(transcript, turn.n, { begun: turn })
  else if (turn.kind === 'approval') note(transcript, turn.n, { approval: turn })
  else if (turn.kind === 'result') takeResult(transcript, turn)
}

function takeAnswer(transcript: Transcript, turn: TurnOf<'model'>): void {
  const { text, toolCalls, providerState } = turn
  transcript.last = turn
  transcript.answers++
  transcript.tokens += turn.tokens
  transcript.isMock ||= turn.isMock
  transcript.messages.push({
    role: 'assistant',
    text,
    toolCalls,
    ...(providerState === null ? {} : { providerState }),
  })
  for (const call of toolCalls) {
    transcript.asked.push(canonicalJson([call.name, call.input]))
    transcript.open.push({ n: transcript.asked.length, call, begun: undefined, approval: undefined })
  }
}

function note(transcript: Transcript, n: number, found: Partial<OpenCall>): void {
  const open = transcript.open.find((one) => one.n === n)
  if (open) Object.assign(open, found)
}

function takeResult(transcript: Transcript, { n, toolId, status, output, taint, proposed }: TurnOf<'result'>): void {
  const open = transcript.open.find((one) => one.n === n)
  if (!open) return
  transcript.open = transcript.open.filter((one) => one !== open)
  transcript.calls.push({ toolId, status })
  if (proposed) transcript.proposals.push({ toolId, input: proposed })
  if (taint !== null && !transcript.taints.includes(taint)) transcript.taints.push(taint)
  transcript.messages.push({
    role: 'tool',
    callId: open.call.id,
    name: open.call.name,
    output: taint === null ? output : fenced(transcript.start?.mark ?? '', output),
    isError: status !== 'succeeded' && status !== 'proposed',
  })
}
