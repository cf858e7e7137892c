import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formModal, pagesOf } from '#bots/slack/forms/view.ts'
import { toPosts } from '#bots/slack/pack.ts'
import type { FormField, FormPart } from '#core/chat/message.ts'
import { checkBlocks } from '../../peers/slack/limits.ts'
import { checkView } from '../../peers/slack/view-limits.ts'
import { field } from './test-desk.ts'

const ORIGIN = { conversation: 'C0TEAM:1795170000.000100' }

const form = (fields: FormField[], more: Partial<FormPart> = {}): FormPart => ({
  type: 'form',
  formId: 'form_1',
  title: 'Release notes',
  submitLabel: 'Run',
  fields,
  ...more,
})

function problemsOf(part: FormPart, hints = {}): string[] {
  const problems: string[] = []
  const notes = {
    refuse: (problem: string) => problems.push(problem),
    violate: (problem: string) => problems.push(problem),
  }
  for (const page of pagesOf(part).keys()) checkView(formModal(part, page, { ...ORIGIN, hints }), notes)
  return problems
}

const KINDS = ['text', 'multiline', 'number', 'integer', 'boolean', 'choice', 'json', 'file'] as const
const words = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.constantFrom('', '<!channel> *x*', '\u202egnp', '\ud800', 'a'.repeat(4_000), '1e-7', '-3.25', '007', 'true'),
)

const anyField = fc.record(
  {
    name: words,
    label: words,
    kind: fc.constantFrom(...KINDS),
    required: fc.boolean(),
    description: words,
    value: words,
    usual: words,
    problem: words,
    isFile: fc.constant(true),
    takesFile: fc.constant(true),
    examples: fc.array(words, { maxLength: 2 }),
    options: fc.array(fc.record({ value: words, label: words }), { maxLength: 130 }),
  },
  { requiredKeys: ['name', 'label', 'kind', 'required'] },
)

test('whatever a form asks for, Slack takes the dialog', () => {
  const fields = fc.uniqueArray(anyField, { maxLength: 12, selector: ({ name }) => name })
  const whole = fc.record({ fields, title: words, submitLabel: words, note: words })
  fc.assert(
    fc.property(whole, ({ fields: asked, ...more }) => {
      expect(problemsOf(form(asked as FormField[], more))).toEqual([])
    }),
    { numRuns: 300 },
  )
})

test('no field is lost between the pages, and none stands on two', () => {
  const asked = Array.from({ length: 333 }, (_, index) =>
    field(`field ${index}`, { description: 'x'.repeat(index * 9) }),
  )
  const pages = pagesOf(form(asked))
  expect(pages.flat().map(({ name }) => name)).toEqual(asked.map(({ name }) => name))
  expect(pages.length).toBeGreaterThan(3)
  expect(problemsOf(form(asked))).toEqual([])
})

test('few choices are buttons, more are a list, many are a list in groups, and too many are typed', () => {
  const choices = (count: number, label = 'Choice') =>
    Array.from({ length: count }, (_, index) => ({ value: `v${index}`, label: `${label} ${index}` }))
  const element = (count: number, label?: string) => {
    const one = field('one', { kind: 'choice', options: choices(count, label), value: 'v1' })
    expect(problemsOf(form([one]))).toEqual([])
    const block = formModal(form([one]), 0, ORIGIN).blocks[0] as {
      element: { type: string; option_groups?: unknown[] }
    }
    return [block.element.type, block.element.option_groups?.length]
  }
  expect(element(5)).toEqual(['radio_buttons', undefined])
  expect(element(100)).toEqual(['static_select', undefined])
  expect(element(250)).toEqual(['static_select', 3])
  expect(element(5_000)).toEqual(['plain_text_input', undefined])
})

test('addresses to answer to are taken along while they fit', () => {
  const hints = { trigger_id: '1.2.used', response_url: 'https://hooks.slack.com/commands/1', response_for: 'T1:U1' }
  const kept = formModal(form([]), 0, { ...ORIGIN, hints }).private_metadata
  expect(JSON.parse(kept ?? '')).toEqual({
    formId: 'form_1',
    ...ORIGIN,
    hints: { response_url: hints.response_url, response_for: 'T1:U1' },
  })
  expect(problemsOf(form([]), { response_url: 'x'.repeat(3_000) })).toEqual([])
})

test('a wrong value stays to be mended, with what is wrong beside it', () => {
  const one = field('count', { kind: 'integer', value: 'lots', problem: 'Must be a whole number.' })
  expect(formModal(form([one]), 0, ORIGIN).blocks).toMatchObject([
    { element: { type: 'plain_text_input', initial_value: 'lots' }, hint: { text: '✗ Must be a whole number.' } },
  ])
})

test('among messages a form says what it asks and what it has', () => {
  const asked = form([
    field('title', { label: 'Title', value: 'Spring' }),
    field('commits', { label: 'Commits' }),
    field('style', { label: 'Style', required: false, usual: 'short' }),
    field('count', { label: 'How many', value: 'lots', problem: 'Must be a whole number.' }),
    ...Array.from({ length: 30 }, (_, index) => field(`more ${index}`)),
  ])
  const [post, ...others] = toPosts([asked, { type: 'buttons', buttons: [{ label: 'Fill in', token: 'tok' }] }])
  expect(others).toEqual([])
  expect(post?.text.split('\n').slice(0, 5)).toEqual([
    'Release notes',
    'Title: Spring',
    'Commits: needed',
    'Style: short, if nothing else',
    'How many: lots  ✗ Must be a whole number.',
  ])
  expect(post?.text).toContain('… and 14 more')
  const problems: string[] = []
  checkBlocks(post?.blocks, {
    refuse: (problem) => problems.push(problem),
    violate: (problem) => problems.push(problem),
  })
  expect(problems).toEqual([])
})
