import { createHash } from 'node:crypto'
import type { PlainTextElement, PlainTextOption, RadioButtons, StaticSelect } from '@slack/types'
import type { FormField } from '#core/chat/message.ts'
import { line, oneLine, plain } from './words.ts'

/** So few are seen at a glance, without opening a list. */
const RADIO_MAX = 5
const GROUP_MAX = 100
const GROUPS_MAX = 100
const OPTION_TEXT_MAX = 75
export const PLACEHOLDER_MAX = 150
const OPTION_VALUE_MAX = 75
/** Slack takes views of 250 KB; a list that would fill one is better typed. */
const LIST_BYTES_MAX = 60_000

const YES_NO = [
  { value: 'yes', label: 'Yes' },
  { value: 'no', label: 'No' },
]

type Option = { value: string; label: string }

/** What may be chosen, when it is to be chosen from a list; undefined when it has to be typed. */
export function optionsOf({ kind, options }: FormField): Option[] | undefined {
  if (kind === 'boolean') return YES_NO
  if (kind !== 'choice' || !options || options.length === 0) return undefined
  const seen = new Set<string>()
  const distinct = options.filter(({ value }) => !seen.has(value) && seen.add(value))
  const bytes = Buffer.byteLength(JSON.stringify(distinct.map(slackOption)))
  return distinct.length <= GROUP_MAX * GROUPS_MAX && bytes <= LIST_BYTES_MAX ? distinct : undefined
}

/** Buttons for a few, a list for more. What was chosen before is chosen, if it still may be. */
export function choiceElement(field: FormField, options: Option[]): RadioButtons | StaticSelect {
  const chosen = options.find(({ value }) => value === field.value)
  const initial = chosen && { initial_option: slackOption(chosen) }
  if (options.length <= RADIO_MAX) {
    return { type: 'radio_buttons', action_id: 'value', options: options.map(slackOption), ...initial }
  }
  const placeholder = line(field.usual === undefined ? 'Choose' : labelOf(options, field.usual), PLACEHOLDER_MAX)
  const list =
    options.length <= GROUP_MAX ? { options: options.map(slackOption) } : { option_groups: groupsOf(options) }
  return { type: 'static_select', action_id: 'value', placeholder, ...list, ...initial }
}

export const labelOf = (options: Option[], value: string): string =>
  options.find((option) => option.value === value)?.label ?? value

/** What was chosen; a value that is offered no more is handed on as it is, to be found wrong. */
export const chosenValue = (field: FormField, optionId: string): string =>
  (optionsOf(field) ?? []).find(({ value }) => optionIdOf(value) === optionId)?.value ?? optionId

const slackOption = ({ value, label }: Option): PlainTextOption => ({
  text: line(oneLine(label) || value, OPTION_TEXT_MAX),
  value: optionIdOf(value),
})

/** The value itself where Slack takes it. */
const optionIdOf = (value: string): string =>
  value !== '' && value.length <= OPTION_VALUE_MAX
    ? value
    : `long:${createHash('sha256').update(value).digest('base64url')}`

type Group = { label: PlainTextElement; options: PlainTextOption[] }

function groupsOf(options: Option[]): Group[] {
  const groups: Group[] = []
  for (let from = 0; from < options.length; from += GROUP_MAX) {
    const some = options.slice(from, from + GROUP_MAX)
    groups.push({ label: plain(`${from + 1} to ${from + some.length}`), options: some.map(slackOption) })
  }
  return groups
}
