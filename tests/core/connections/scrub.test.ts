import fc from 'fast-check'
import { expect, it } from 'vitest'
import { scrubberFor } from '#core/connections/scrub.ts'

const SECRET = 'CANARY_4f/9+"ü 71'
const forms = [
  SECRET,
  JSON.stringify(SECRET).slice(1, -1),
  encodeURIComponent(SECRET),
  Buffer.from(SECRET).toString('base64'),
  Buffer.from(SECRET).toString('base64url'),
]

it('takes a secret out of texts, bytes and JSON in every form it may come back in', () => {
  const scrub = scrubberFor([SECRET])
  for (const form of forms) {
    expect(scrub.text(`before ${form} after`)).not.toContain(form)
    expect(Buffer.from(scrub.bytes(Buffer.from(`\u00ff${form}`), false)).toString()).toBe(
      form.endsWith('=') ? `\u00ff••••${/=+$/.exec(form)?.[0]}` : '\u00ff••••',
    )
    expect(JSON.stringify(scrub.json({ [form]: [1, { deep: form }] }))).not.toContain('CANARY')
  }
  expect(scrubberFor(['12345678']).json([12345678, 1234567])).toEqual(['••••', 1234567])
})

it('takes the beginning of one out of the end of what was cut', () => {
  const scrub = scrubberFor([SECRET])
  fc.assert(
    fc.property(fc.integer({ min: 4, max: SECRET.length - 1 }), fc.string(), (length, before) => {
      const cut = Buffer.from(before + SECRET.slice(0, length))
      expect(Buffer.from(scrub.bytes(cut, true)).toString()).toBe(`${before}••••`)
    }),
  )
})

it('leaves everything else alone', () => {
  const scrub = scrubberFor([SECRET, 'short'])
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(Buffer.from(scrub.bytes(bytes, false)).equals(Buffer.from(bytes))).toBe(true)
    }),
  )
  expect(scrub.text('a short text')).toBe('a short text')
})
